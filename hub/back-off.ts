/** Bounds of a growing wait, in milliseconds. */
export type BackOff = { baseMs: number; capMs: number };

/** Full jitter: a uniform part of a span that doubles with each failure. `failures` counts from 1; `random` is 0 to 1. */
export function backOffMs({ baseMs, capMs }: BackOff, failures: number, random: () => number): number {
  return Math.floor(random() * Math.min(capMs, baseMs * 2 ** Math.min(failures - 1, 30)));
}
