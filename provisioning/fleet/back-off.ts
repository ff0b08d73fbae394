/** Bounds of a growing wait, in milliseconds; `floorMs` is waited whatever chance says. */
interface Bounds {
  readonly floorMs: number;
  readonly baseMs: number;
  readonly capMs: number;
}

/** 15 minutes: a fleet that comes back after an outage must not keep its households waiting for longer. */
const USUAL: Bounds = { floorMs: 0, baseMs: 1_000, capMs: 900_000 };

/** Whoever says that it is too much names no time, so that the least one is ours. */
const THROTTLED: Bounds = { floorMs: 30_000, baseMs: 30_000, capMs: 900_000 };

const BOUNDS: Readonly<Record<string, Bounds>> = {
  'claim.throttled': THROTTLED,
  'link.throttled': THROTTLED,
  // Nobody is asked, and the network sets the clock within seconds of its coming.
  'link.clock-not-set': { floorMs: 0, baseMs: 1_000, capMs: 15_000 },
};

/**
 * Milliseconds to wait before the next try after so many failed ones (1 or more), the last with this code: exponential with
 * full jitter, so that a fleet does not come back in step. `random` gives numbers from 0 up to 1.
 */
export function backOffMs(code: string, failures: number, random: () => number): number {
  const { floorMs, baseMs, capMs } = BOUNDS[code] ?? USUAL;
  return floorMs + Math.round(random() * Math.min(capMs, baseMs * 2 ** failures));
}
