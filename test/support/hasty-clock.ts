import { type Clock, systemClock } from '../../hardware/index.js';

/** The wall clock as it is, with waits and limits that are so many times shorter. */
export function hastyClock(speed: number): Clock {
  const startMs = systemClock.monotonic();
  return {
    now: () => systemClock.now(),
    monotonic: () => startMs + (systemClock.monotonic() - startMs) * speed,
    sleep: (ms, signal) => systemClock.sleep(ms / speed, signal),
  };
}
