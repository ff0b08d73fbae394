import { expect, test } from 'vitest';
import { Power } from '../support/power-cut.js';
import { RotationRig, rotateThroughPowerCuts } from '../support/rotation-rig.js';

test('a power cut in a rotation leaves one pair that gets in, and the next start leaves one alone', {
  timeout: 60_000,
}, async ({ onTestFinished }) => {
  const rig = await RotationRig.open();
  onTestFinished(() => rig.close());
  expect(await rotateThroughPowerCuts(rig, 1, 4)).toBeGreaterThan(30);
});

const WAIT = { timeout: 20_000, interval: 20 };

test('a hub that was away until its new certificate was called back goes on with the old one', {
  timeout: 60_000,
}, async ({ onTestFinished }) => {
  const rig = await RotationRig.open();
  onTestFinished(() => rig.close());
  const first = await rig.current();
  rig.cloud.isAway = true;
  const power = new Power(Number.POSITIVE_INFINITY);
  const running = rig.run(power);
  await expect.poll(() => rig.stage(), WAIT).toBe('NEXT_VERIFIED');
  const next = (await rig.next()) ?? '';
  power.cut();
  expect(await running).toBe(false);
  rig.core.admin.setCertificateStatus(next, 'INACTIVE');
  rig.cloud.isAway = false;
  await rig.run(new Power(Number.POSITIVE_INFINITY));
  expect([await rig.current(), await rig.next(), await rig.stage()]).toEqual([first, undefined, undefined]);
  expect(rig.active()).toEqual([first]);
});

test('while the cloud is away the hub is on the new pair, keeps the old one, and goes on when it is back', {
  timeout: 60_000,
}, async ({ onTestFinished }) => {
  const rig = await RotationRig.open();
  onTestFinished(() => rig.close());
  const first = await rig.current();
  rig.cloud.isAway = true;
  const running = rig.run(new Power(Number.POSITIVE_INFINITY));
  await expect.poll(() => rig.stage(), WAIT).toBe('NEXT_VERIFIED');
  const next = (await rig.next()) ?? '';
  expect(await rig.workingPairs()).toEqual([first, next]);
  await expect.poll(() => rig.core.admin.clients()[0]?.certificateId, WAIT).toBe(next);
  rig.cloud.isAway = false;
  expect(await running).toBe(true);
  expect([await rig.current(), rig.active()]).toEqual([next, [next]]);
});
