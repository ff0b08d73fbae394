import { expect, test } from 'vitest';
import { scaledClock, VirtualClock } from './virtual-clock.js';

test('time stands still until it is told to pass, and then wakes each sleeper at its own moment', async () => {
  const clock = new VirtualClock();
  const woken: [string, number][] = [];
  const sleeper = async (name: string, ms: number): Promise<void> => {
    await clock.sleep(ms);
    woken.push([name, clock.monotonic()]);
  };
  const all = Promise.all([sleeper('late', 30), sleeper('early', 10)]);
  await clock.advance(9);
  expect(woken).toEqual([]);
  await clock.advance(21);
  await all;
  expect(woken).toEqual([
    ['early', 10],
    ['late', 30],
  ]);
});

test('one that goes back to sleep within the time that passes is woken again', async () => {
  const clock = new VirtualClock();
  let ticks = 0;
  const stopped = new AbortController();
  const ticking = (async () => {
    while (!stopped.signal.aborted) {
      await clock.sleep(100, stopped.signal);
      ticks += 1;
    }
  })();
  await clock.advance(1_000);
  expect(ticks).toBe(10);
  const ended = expect(ticking).rejects.toBe('enough');
  stopped.abort('enough');
  await ended;
});

test('an automatic clock jumps to the next sleeper', async () => {
  const clock = new VirtualClock({ auto: true, startMs: 1_000 });
  await Promise.all([clock.sleep(60_000), clock.sleep(5)]);
  expect(clock.monotonic()).toBe(60_000);
  expect(clock.now()).toBe(61_000);
});

test('the wall clock jumps alone', async () => {
  const clock = new VirtualClock({ startMs: 1_000 });
  clock.jumpWall(-500);
  expect([clock.now(), clock.monotonic()]).toEqual([500, 0]);
});

test('a sleep whose signal was aborted before does not begin', async () => {
  const clock = new VirtualClock();
  await expect(clock.sleep(1, AbortSignal.abort('gone'))).rejects.toBe('gone');
});

test('a scaled clock runs faster from the moment it is made', async () => {
  const clock = new VirtualClock();
  await clock.advance(50);
  const fast = scaledClock(clock, 10);
  const before = fast.now();
  let awake = false;
  const slept = fast.sleep(1_000).then(() => {
    awake = true;
  });
  await clock.advance(99);
  expect(awake).toBe(false);
  await clock.advance(1);
  await slept;
  expect([fast.now() - before, fast.monotonic()]).toEqual([1_000, 1_000]);
});
