import type { Gap, Lane, SyncEvent } from '../../contract/index.js';
import { timestamp } from '../boot.js';
import type { FormerEpochs } from './former-epochs.js';
import type { GapRow, Gaps } from './gaps.js';
import type { LaneRow } from './lane-book.js';
import type { LogRow, LogRows } from './log-rows.js';

/** A contiguous run of events, ready for a request; `bytes` is about what they are as JSON. */
export type LogSlice = { lane: Lane; first: number; lastId: string; events: SyncEvent[]; bytes: number };

/** What a request may hold. */
export type Window = { events: number; bytes: number };

/** What covers a lane without a hole from its first unacknowledged number on. */
export type Pieces = { slices: LogSlice[]; gaps: Gap[] };

type Sources = {
  log: Pick<LogRows, 'read'>;
  gaps: Pick<Gaps, 'read'>;
  former: Pick<FormerEpochs, 'of'>;
};

// About what the names and values around a body, and around a gap, take as JSON.
const EVENT_OVERHEAD_BYTES = 200;
const GAP_BYTES = 200;

/** As many events and gaps as the window takes, and at least one of them. */
export function piecesOf({ log, gaps, former }: Sources, lane: LaneRow, window: Window): Pieces {
  const rows = log.read(lane.lane, lane.acked + 1, window.events);
  const ranges = gaps.read(lane.lane, lane.acked + 1, window.events);
  const found: Pieces = { slices: [], gaps: [] };
  let slice: LogSlice | undefined;
  let leftBytes = window.bytes;
  let pos = lane.acked + 1;
  for (let row = 0, range = 0; ; ) {
    const event = rows[row]?.pos === pos ? rows[row] : undefined;
    const gap = ranges[range]?.from === pos ? ranges[range] : undefined;
    if (event === undefined && gap === undefined) return found;
    const bytes = event === undefined ? GAP_BYTES : wireBytes(event);
    const isFirst = found.slices.length + found.gaps.length === 0;
    if (!isFirst && bytes > leftBytes) return found;
    leftBytes -= bytes;
    if (event !== undefined) {
      row += 1;
      slice ??= begin(found, lane, pos);
      slice.events.push(toSyncEvent(event, former.of(lane.lane, pos, pos)));
      slice.lastId = event.id;
      slice.bytes += bytes;
      pos += 1;
    } else if (gap !== undefined) {
      range += 1;
      slice = undefined;
      found.gaps.push(toGap(gap, lane.base, former));
      pos = gap.to + 1;
    }
  }
}

function begin({ slices }: Pieces, { lane, base }: LaneRow, pos: number): LogSlice {
  const slice = { lane, first: pos - base, lastId: '', events: [], bytes: 0 };
  slices.push(slice);
  return slice;
}

function wireBytes({ body, type }: LogRow): number {
  return Buffer.byteLength(body) + type.length + EVENT_OVERHEAD_BYTES;
}

function toSyncEvent(row: LogRow, earlier: ReturnType<FormerEpochs['of']>): SyncEvent {
  const { id, type, tv, boot, monoMs, wallMs, wq, body } = row;
  const event: SyncEvent = { id, type, tv, boot, mono: monoMs, wall: timestamp(wallMs), wq, body: JSON.parse(body) };
  if (earlier.length === 0) return event;
  return { ...event, was: earlier.map(({ epoch, lane, from: seq }) => ({ epoch, lane, seq })) };
}

function toGap(
  { lane, from, to, reason, rows, bytes, firstMs, lastMs }: GapRow,
  base: number,
  former: Sources['former'],
): Gap {
  const gap: Gap = {
    ...{ lane, from: from - base, to: to - base, reason, rows, bytes },
    firstAt: firstMs === null ? null : timestamp(firstMs),
    lastAt: lastMs === null ? null : timestamp(lastMs),
  };
  const was = former.of(lane, from, to);
  return was.length === 0 ? gap : { ...gap, was };
}
