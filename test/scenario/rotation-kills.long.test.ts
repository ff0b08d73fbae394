import { expect, test } from 'vitest';
import { RotationRig, rotateThroughPowerCuts } from '../support/rotation-rig.js';

test('a power cut at every instant of a rotation leaves a pair that gets in, and the next start leaves one alone', {
  timeout: 600_000,
}, async ({ onTestFinished }) => {
  const rig = await RotationRig.open();
  onTestFinished(() => rig.close());
  expect(await rotateThroughPowerCuts(rig, 1, 1)).toBeGreaterThan(30);
});
