import type { Logger } from 'pino';
import { type Lane, LaneSchema } from '../../contract/index.js';
import type { Database } from './database.js';
import { RawPages } from './raw-pages.js';
import { rawRecords } from './raw-records.js';
import { nameHoles } from './salvage-holes.js';
import { isJson, rangeOf, SalvageLane, wasAlso } from './salvage-lane.js';
import { SalvageRows } from './salvage-rows.js';
import { type FoundRow, type Row, SalvageTables } from './salvage-tables.js';

/** What came out of a damaged file. */
export type Salvaged = {
  /** Events in the new file. */
  events: number;
  /** Events that are named as lost. */
  missing: number;
  /** Other rows that were found and did not fit together any more. */
  refused: number;
  unreadablePages: number;
  /** Lanes whose counters could not be read: what was below and above the events that were found is not known. */
  uncounted: Lane[];
  /** Whether the numbering of the old file is known, by which the cloud recognises what it has already. */
  knowsEpoch: boolean;
};

type SalvageDeps = { from: string; into: Database; newEpoch: () => string; log: Logger };

const PAGE_BYTES = 4096;
/** Rows of these are renumbered, or refer to rows of other tables. */
const LATE = new Set(['log', 'gap', 'presentation']);
/** Lane 0 first: if the card fills up, it is safe. */
const LANE_TURNS: readonly (readonly Lane[])[] = [[0], [1, 2, 3]];

/**
 * Brings every row that can still be read from a damaged file into an empty one, under a new epoch. It reads page by page
 * and asks no page about another one, so that none takes more with it than itself. What is missing between the counters of
 * a lane becomes a gap; without counters, all that can be named is what is missing between the lowest and the highest
 * number found.
 * @throws HubError `storage.full`, `storage.failing`
 */
export function salvage({ from, into, newEpoch, log }: SalvageDeps): Salvaged {
  const pages = new RawPages(from, PAGE_BYTES);
  try {
    const tables = new SalvageTables(into);
    const rows = new SalvageRows(into);
    const found = () => foundRows(pages, tables);
    const lanes = new Map(LANE_TURNS.flat().map((lane) => [lane, new SalvageLane()]));
    for (const one of found()) {
      if (one.table === 'lane') countLane(lanes, one);
      else if (one.table === 'log' || one.table === 'gap') see(lanes, one);
      else if (!LATE.has(one.table)) rows.put(one);
    }
    rows.flush();
    const epoch = rows.takeEpoch(newEpoch());
    rows.keepCursor();
    for (const turn of LANE_TURNS) {
      for (const one of found()) moveRow(one, { turn, lanes, epoch, rows });
      rows.flush();
    }
    for (const one of found()) if (one.table === 'presentation') rows.put(one);
    rows.flush();
    const { events, missing } = nameHoles(into, { lanes, epoch });
    const uncounted = [...lanes].filter(([, lane]) => !lane.isCounted).map(([lane]) => lane);
    const { refused } = rows;
    const salvaged = {
      events,
      missing,
      refused,
      unreadablePages: pages.unreadable,
      uncounted,
      knowsEpoch: epoch !== undefined,
    };
    log.error(salvaged, 'saved what could be read of the damaged database');
    return salvaged;
  } finally {
    pages.close();
  }
}

function* foundRows(pages: RawPages, tables: SalvageTables): Generator<FoundRow> {
  for (const record of rawRecords(pages)) {
    const table = tables.tableOf(record);
    if (table !== undefined) yield { table, row: tables.rowOf(table, record) };
  }
}

type Lanes = ReadonlyMap<Lane, SalvageLane>;

function countLane(lanes: Lanes, { row }: FoundRow): void {
  const lane = LaneSchema.safeParse(row.lane).data;
  if (lane !== undefined) lanes.get(lane)?.count(row);
}

function see(lanes: Lanes, { table, row }: FoundRow): void {
  const range = rangeOf(table, row);
  if (range !== undefined) lanes.get(range.lane)?.see(range);
}

type Move = { turn: readonly Lane[]; lanes: Lanes; epoch: string | undefined; rows: SalvageRows };

/** Numbers begin anew after what the cloud has, and keep their distance from one another. */
function moveRow({ table, row }: FoundRow, { turn, lanes, epoch, rows }: Move): void {
  if (table !== 'log' && table !== 'gap') return;
  const range = rangeOf(table, row);
  const lane = range === undefined ? undefined : lanes.get(range.lane);
  if (range === undefined || lane === undefined || !turn.includes(range.lane)) return;
  if (range.from <= lane.acked || range.to > lane.last) return;
  if (table === 'log' && !isJson(row.body)) return;
  const was = wasAlso(row.was, epoch === undefined ? undefined : placeOf(table, epoch, range));
  if (was === undefined) return;
  rows.put({ table, row: { ...row, ...renumbered(table, range, lane.acked), was } });
}

type LaneRange = { lane: Lane; from: number; to: number };

function placeOf(table: string, epoch: string, { lane, from, to }: LaneRange): Record<string, unknown> {
  return table === 'log' ? { epoch, lane, seq: from } : { epoch, lane, from, to };
}

function renumbered(table: string, { from, to }: LaneRange, acked: number): Row {
  return table === 'log' ? { seq: from - acked } : { from_seq: from - acked, to_seq: to - acked };
}
