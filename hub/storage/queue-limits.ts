import type { Lane } from '../../contract/index.js';

const MIB = 1024 * 1024;
const DAY_MS = 24 * 60 * 60 * 1000;

/** What a lane may hold: bytes of the file, and for how long. `ttlMs: null`: until the cloud has it. */
export type LaneLimit = { bytes: number; ttlMs: number | null };

export type QueueLimits = Readonly<Record<Lane, LaneLimit>>;

/** Source: sync protocol, section 6. */
export const QUEUE_LIMITS: QueueLimits = {
  0: { bytes: 8 * MIB, ttlMs: null },
  1: { bytes: 64 * MIB, ttlMs: 90 * DAY_MS },
  2: { bytes: 128 * MIB, ttlMs: 30 * DAY_MS },
  3: { bytes: 64 * MIB, ttlMs: 3 * DAY_MS },
};

/** New work is refused this early, so that the results of accepted work always find room. */
const ADMISSION_SHARE = 7 / 8;
const LEAST_REST_BYTES = 4 * MIB;

/** How full lane 0 may be when new work comes. */
export function admissionBytes(limits: QueueLimits): number {
  return limits[0].bytes * ADMISSION_SHARE;
}

/** What the file may grow to: what the lanes may hold, and a quarter more for everything else, however small they are. */
export function fileBytes(limits: QueueLimits): number {
  const lanes = limits[0].bytes + limits[1].bytes + limits[2].bytes + limits[3].bytes;
  return lanes + Math.max(lanes / 4, LEAST_REST_BYTES);
}
