import { QUEUE_LIMITS, type QueueLimits } from '../../../hub/storage/queue-limits.js';

const KIB = 1024;
const SMALL_BYTES = [2 * KIB, 4 * KIB, 16 * KIB] as const;

/** Of four hubs, three have lanes so small that a burst fills one. */
export function limitsOf(random: () => number): QueueLimits {
  const bytes = SMALL_BYTES[Math.floor(random() * (SMALL_BYTES.length + 1))];
  return bytes === undefined ? QUEUE_LIMITS : lanesOf(bytes);
}

/** The usual limits, but for lanes 1 to 3 of so many bytes each. */
export function lanesOf(bytes: number): QueueLimits {
  const small = (lane: 1 | 2 | 3) => ({ ...QUEUE_LIMITS[lane], bytes });
  return { 0: QUEUE_LIMITS[0], 1: small(1), 2: small(2), 3: small(3) };
}
