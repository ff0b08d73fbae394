import { parseMessage, SyncEventSchema } from '../../contract/index.js';
import { type HeldGap, isAnother, placeKey, type Was, type WasRange } from './held-events.js';
import { isTooDeep } from './too-deep.js';
import { type Asking, LANES, streamKey } from './visit.js';

/** What of a request lies below what is covered of its lanes: its acknowledgement was lost, or another one got it. */
export type Overlap = { places: Was[]; gaps: WasRange[] };

export function overlapOf(visit: Asking): Overlap {
  const { epoch, after, gaps } = visit.job.input;
  const overlap: Overlap = { places: eventsBelow(visit).map(({ place }) => place), gaps: [] };
  for (const lane of LANES) {
    const [hwm, claimed] = [markOf(visit, lane), after[lane]];
    if (claimed?.id && claimed.seq > 0 && claimed.seq < hwm) overlap.places.push({ epoch, lane, seq: claimed.seq });
  }
  for (const { lane, from, to } of gaps) {
    const hwm = markOf(visit, lane);
    if (from <= hwm) overlap.gaps.push({ epoch, lane, from, to: Math.min(to, hwm) });
  }
  return overlap;
}

/**
 * Whether what comes again is not what is here: a copy of the card got past the place where the two differ. Where a
 * restore left a gap anything may have been.
 */
export function differsBelow(visit: Asking): boolean {
  const { epoch, after } = visit.job.input;
  const isGone = (place: Was) => gapAt(visit.heldGaps, place)?.reason === 'cloud_rollback';
  const isInGap = (place: Was) => !isGone(place) && gapAt(visit.heldGaps, place) !== undefined;
  if (visit.hidesEvents) return true;
  const isOther = LANES.some((lane) => {
    const claimed = after[lane];
    if (!claimed?.id || claimed.seq === 0 || claimed.seq >= markOf(visit, lane)) return false;
    const place = { epoch, lane, seq: claimed.seq };
    const id = visit.held.get(placeKey(place))?.id?.toLowerCase();
    return isInGap(place) || (id !== undefined && id !== claimed.id.toLowerCase());
  });
  return isOther || eventsBelow(visit).some(({ place, raw }) => isInGap(place) || isOtherEvent(visit, place, raw));
}

/** The stored gap in which a place lies. */
export function gapAt(gaps: readonly HeldGap[], { epoch, lane, seq }: Was): HeldGap | undefined {
  return gaps.find((gap) => gap.epoch === epoch && gap.lane === lane && gap.from <= seq && gap.to >= seq);
}

function isOtherEvent({ held }: Asking, place: Was, raw: unknown): boolean {
  if (isTooDeep(raw)) return false;
  const event = parseMessage(SyncEventSchema, raw);
  return event.ok && isAnother(held.get(placeKey(place)), event.value);
}

function eventsBelow(visit: Asking): { place: Was; raw: unknown }[] {
  const { epoch, logs } = visit.job.input;
  return logs.flatMap(({ lane, first, events }) =>
    events
      .slice(0, Math.max(0, markOf(visit, lane) - first + 1))
      .map((raw, index) => ({ place: { epoch, lane, seq: first + index }, raw })),
  );
}

function markOf({ marks, job }: Asking, lane: number): number {
  return marks.get(streamKey(job.input.epoch, lane))?.hwm ?? 0;
}
