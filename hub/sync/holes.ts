import { type Lane, SYNC_WINDOW } from '../../contract/index.js';
import type { SyncQueue } from './sync-queue.js';
import { piecesOf } from './up-part.js';

/**
 * Whether a lane cannot go on where the cloud is: the number after `hwm` is here no more, or one of those after it.
 * Sending again would meet the same hole for ever.
 */
export function isBroken(queue: Pick<SyncQueue, 'lane' | 'pieces'>, lane: Lane, hwm: number): boolean {
  const { acked, nextSeq } = queue.lane(lane);
  if (hwm < acked) return true;
  if (nextSeq - 1 <= acked) return false;
  let next = acked + 1;
  for (const { from, to } of piecesOf(queue, lane, SYNC_WINDOW)) {
    if (from > next) return true;
    next = Math.max(next, to + 1);
  }
  return next === acked + 1;
}
