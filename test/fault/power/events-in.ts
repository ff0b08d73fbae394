import type { Gap } from '../../../contract/index.js';
import type { Outbox } from '../../../hub/storage/outbox.js';

/** An event as whoever sends it to the cloud reads it. */
export type ReadEvent = { lane: number; seq: number; id: string; body: string };

const ALL = { events: 1_000_000, bytes: Number.MAX_SAFE_INTEGER };

/** All that an outbox has for the cloud, in order, and where two pieces leave numbers uncovered or cover them twice. */
export function eventsIn(outbox: Outbox): { events: ReadEvent[]; gaps: Gap[]; badJoints: number } {
  const events: ReadEvent[] = [];
  const allGaps: Gap[] = [];
  let badJoints = 0;
  for (const { lane, acked, nextSeq } of outbox.lanes()) {
    const { slices, gaps } = outbox.pieces(lane, ALL);
    allGaps.push(...gaps);
    for (const slice of slices) {
      for (const [at, { id = '', body }] of slice.events.entries())
        events.push({ lane, seq: slice.first + at, id, body: JSON.stringify(body) });
    }
    const ranges = [
      ...slices.map(({ first, events: { length } }) => ({ from: first, to: first + length - 1 })),
      ...gaps,
    ].sort((a, b) => a.from - b.from);
    let next = acked + 1;
    for (const { from, to } of ranges) {
      if (from !== next) badJoints += 1;
      next = to + 1;
    }
    if (next !== nextSeq) badJoints += 1;
  }
  return { events, gaps: allGaps, badJoints };
}
