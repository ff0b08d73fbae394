import { QUEUE_LIMITS, type QueueLimits } from '../../../hub/storage/queue-limits.js';

/** So little that lanes 1 to 3 give way all the time. */
export const KILLED_LIMITS: QueueLimits = {
  0: QUEUE_LIMITS[0],
  1: { ...QUEUE_LIMITS[1], bytes: 2 * 1024 },
  2: { ...QUEUE_LIMITS[2], bytes: 2 * 1024 },
  3: { ...QUEUE_LIMITS[3], bytes: 1024 },
};
