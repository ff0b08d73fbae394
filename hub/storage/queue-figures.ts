import { type GapReason, GapReasonSchema, type Lane } from '../../contract/index.js';
import type { Boots } from './boots.js';
import type { LaneBook } from './lane-book.js';
import type { LogRows } from './log-rows.js';
import type { Registers } from './registers.js';
import type { Tallies } from './tallies.js';

/** How a lane is; counters are since the queue's file was made, and `enqueued` = `taken` + what was dropped + `rows`. */
export type LaneFigures = {
  rows: number;
  bytes: number;
  /** How long ago the oldest event was, at least; null if there is none. */
  oldestMs: number | null;
  acked: number;
  nextSeq: number;
  enqueued: number;
  /** Events that the cloud has acknowledged. */
  taken: number;
  dropped: Partial<Record<GapReason, number>>;
};

/** How the queue is, and what became of all that was put into it. */
export type QueueFigures = {
  lanes: Record<Lane, LaneFigures>;
  enqueued: number;
  acked: number;
  dropped: Partial<Record<GapReason, number>>;
  /** Acknowledged, but kept as dead letters by the cloud. */
  rejected: number;
  /** Values of registers that were overwritten before the cloud had them. */
  superseded: number;
};

type Sources = {
  log: Pick<LogRows, 'heads'>;
  book: Pick<LaneBook, 'get'>;
  tallies: Pick<Tallies, 'get'>;
  boots: Pick<Boots, 'ageMs'>;
  registers: Pick<Registers, 'superseded'>;
};

export function queueFigures(sources: Sources): QueueFigures {
  const of = (lane: Lane) => laneFigures(sources, lane);
  const lanes = { 0: of(0), 1: of(1), 2: of(2), 3: of(3) };
  const each = Object.values(lanes);
  return {
    lanes,
    enqueued: each.reduce((sum, { enqueued }) => sum + enqueued, 0),
    acked: each.reduce((sum, { taken }) => sum + taken, 0),
    dropped: countDropped((reason) => each.reduce((sum, { dropped }) => sum + (dropped[reason] ?? 0), 0)),
    rejected: sources.tallies.get('rejected'),
    superseded: sources.registers.superseded(),
  };
}

function laneFigures({ log, book, tallies, boots }: Sources, lane: Lane): LaneFigures {
  const { rows, bytes, acked, next, base, enqueued, taken } = book.get(lane);
  const [oldest] = log.heads(lane, acked + 1, 1);
  return {
    ...{ rows, bytes, enqueued, taken },
    oldestMs: oldest === undefined ? null : boots.ageMs(oldest),
    acked: acked - base,
    nextSeq: next - base,
    dropped: countDropped((reason) => tallies.get(`dropped/${lane}/${reason}`)),
  };
}

/** Only the reasons for which anything was dropped. */
function countDropped(count: (reason: GapReason) => number): Partial<Record<GapReason, number>> {
  const dropped: Partial<Record<GapReason, number>> = {};
  for (const reason of GapReasonSchema.options) {
    const n = count(reason);
    if (n > 0) dropped[reason] = n;
  }
  return dropped;
}
