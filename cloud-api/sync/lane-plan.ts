import { z } from 'zod';
import { type Gap, IdSchema, type Lane } from '../../contract/index.js';
import { cutGap } from './moved-gap.js';

/** A contiguous run of events of one lane, not yet looked into. */
export type Slice = { lane: Lane; first: number; lastId: string; events: readonly unknown[] };

/** Where a lane stands: the last sequence number that is covered, and the id of the event there, if it is an event. */
export type Cursor = { hwm: number; hwmId: string | null };

/** What of a request is new to a lane, or that it leaves a hole. */
export type LanePlan =
  | { ok: true; cursor: Cursor; events: { seq: number; event: unknown }[]; gaps: Gap[] }
  | { ok: false };

/**
 * Lays the slices and gaps of one lane end to end above what is covered. What was covered before is skipped, a gap is
 * trimmed, and a number that neither an event nor a gap accounts for refuses the lane. Source: sync protocol, section 3
 * rules 1 and 2.
 */
export function planLane(cursor: Cursor, slices: readonly Slice[], gaps: readonly Gap[]): LanePlan {
  const pieces = [
    ...slices.map((slice) => ({ from: slice.first, to: slice.first + slice.events.length - 1, slice, gap: undefined })),
    ...gaps.map((gap) => ({ from: gap.from, to: gap.to, slice: undefined, gap })),
  ].sort((a, b) => a.from - b.from);
  let { hwm, hwmId } = cursor;
  const events: { seq: number; event: unknown }[] = [];
  const added: Gap[] = [];
  for (const { from, to, slice, gap } of pieces) {
    if (to <= hwm) continue;
    if (from > hwm + 1) return { ok: false };
    if (slice !== undefined) {
      slice.events.forEach((event, index) => {
        if (from + index > hwm) events.push({ seq: from + index, event });
      });
    } else {
      added.push(cutGap(gap, Math.max(gap.from, hwm + 1), gap.to));
    }
    hwm = to;
    hwmId = slice?.lastId.toLowerCase() ?? null;
  }
  return { ok: true, cursor: { hwm, hwmId }, events, gaps: added };
}

/** Whether what the hub remembers of a lane's last event is another event than the one that is here: a second copy of its card. */
export function isFork(
  cursor: Cursor,
  after: { seq: number; id: string | null } | undefined,
  slices: readonly Slice[],
): boolean {
  if (cursor.hwm === 0 || cursor.hwmId === null) return false;
  const claims = slices.flatMap((slice) => idAt(slice, cursor.hwm) ?? []);
  if (after?.seq === cursor.hwm && after.id !== null) claims.push(after.id);
  return claims.some((id) => id.toLowerCase() !== cursor.hwmId);
}

const WithIdSchema = z.looseObject({ id: IdSchema });

/** The id of the event of this number, as far as the slice tells it: always of its last, and of all in lane 0. */
function idAt({ first, lastId, events }: Slice, seq: number): string | undefined {
  if (seq === first + events.length - 1) return lastId;
  return WithIdSchema.safeParse(events[seq - first]).data?.id;
}
