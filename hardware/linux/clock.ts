import timers from 'node:timers/promises';
import type { Clock } from '../ports.js';

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    signal?.throwIfAborted();
    try {
      await timers.setTimeout(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      // Node rejects with its own AbortError; whoever aborted gave a reason that says more.
      signal?.throwIfAborted();
      throw error;
    }
  },
};
