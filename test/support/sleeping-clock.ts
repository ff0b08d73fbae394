import type { Clock } from '../../hardware/index.js';

/** Time that passes only in sleep, for a world in which there is one sleeper. */
export function sleepingClock(): Clock {
  let elapsedMs = 0;
  return {
    now: () => 1_767_225_600_000 + elapsedMs,
    monotonic: () => elapsedMs,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      elapsedMs += ms;
    },
  };
}
