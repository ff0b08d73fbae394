import { expect, test } from 'vitest';
import { systemClock } from './clock.js';

test('monotonic time passes in sleep', async () => {
  const before = systemClock.monotonic();
  await systemClock.sleep(1);
  expect(systemClock.monotonic()).toBeGreaterThan(before);
});

test('a sleep that is cut short rejects with the reason that was given', async () => {
  const controller = new AbortController();
  const sleep = expect(systemClock.sleep(60_000, controller.signal)).rejects.toThrow('stop now');
  controller.abort(new RangeError('stop now'));
  await sleep;
  await expect(systemClock.sleep(60_000, controller.signal)).rejects.toThrow('stop now');
});
