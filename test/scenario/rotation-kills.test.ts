import { expect, test } from 'vitest';
import { RotationRig, rotateThroughPowerCuts } from '../support/rotation-rig.js';

test('a power cut in a rotation leaves one pair that gets in, and the next start leaves one alone', {
  timeout: 60_000,
}, async ({ onTestFinished }) => {
  const rig = await RotationRig.open();
  onTestFinished(() => rig.close());
  expect(await rotateThroughPowerCuts(rig, 1, 4)).toBeGreaterThan(30);
});
