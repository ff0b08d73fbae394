const BASE_MS = 1_000;
/** 15 minutes: a fleet that comes back after an outage must not keep its households waiting for longer. */
const CAP_MS = 900_000;

/**
 * Milliseconds to wait before the next try after so many failed ones (1 or more): exponential with full jitter, so that a
 * fleet does not come back in step. `random` gives numbers from 0 up to 1.
 */
export function backOffMs(failures: number, random: () => number): number {
  return Math.round(random() * Math.min(CAP_MS, BASE_MS * 2 ** failures));
}
