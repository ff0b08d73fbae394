import { expect } from 'vitest';
import { ManualClock, test } from './test-site.js';
import { Timers } from './timers.js';

test('an action that throws is told of, and the others still run', async () => {
  const clock = new ManualClock();
  const heard: unknown[] = [];
  const timers = new Timers(clock, (error) => heard.push(error));
  timers.after(10, () => {
    throw new TypeError('no');
  });
  timers.after(20, () => heard.push('ran'));
  await clock.advance(20);
  expect(heard).toEqual([expect.any(TypeError), 'ran']);
});
