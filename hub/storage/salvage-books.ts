import type { Lane } from '../../contract/index.js';
import type { Database } from './database.js';
import { UNCOUNTED_LIMIT } from './lane-book.js';
import { ROW_BYTES_SQL } from './row-bytes.js';
import type { Reach } from './salvage-rows.js';

const LANES: readonly Lane[] = [0, 1, 2, 3];
/** More than this cannot have been in a file of the size that ours may have: the counter itself is damaged. */
const MOST_ROWS = 4_000_000;

type Counters = {
  base: number;
  next: number;
  acked: number;
  bytes: number;
  thinned: number;
  enqueued: number;
  taken: number;
};
type Bounds = { lowest: number | null; highest: number | null };
type Piece = { from: number; to: number; isGap: 0 | 1 };
type Hole = { from: number; to: number };
type Sum = { rows: number; bytes: number };

/** What is known of a damaged file besides its rows. */
export type Knowledge = {
  oldEpoch: string | undefined;
  freshEpoch: string;
  /** When the damage was found. */
  damagedAt: string;
  /** Lanes whose counters were found. */
  counted: ReadonlySet<Lane>;
  /** How far the events of lanes reached that were left in the damaged file: lost like what is missing. */
  left: ReadonlyMap<Lane, Reach>;
  /** Whether what was found of a lane, up to this position, ends where the lane ended. */
  isTailWhole: (lane: Lane, highest: number) => boolean;
};

/**
 * Closes the books of a salvaged file: begins a new epoch, in which what is missing in a lane is a gap with the reason
 * `corrupt`, and the counters say what is there.
 *
 * Counters on the card may be some hundred events behind: where the end of a lane is damaged, all numbers that may have
 * been given are named. Where the counters themselves are lost, what lies before the first event found is taken for
 * acknowledged, and the lane for one that was never renumbered unless it is known to have been.
 */
export function closeBooks(database: Database, knowledge: Knowledge): { events: number; missing: number } {
  const statements = prepareAll(database);
  return database.write(() => {
    const sum = { events: 0, missing: 0 };
    for (const lane of LANES) {
      const { rows, missing } = closeLane(database, lane, knowledge);
      sum.events += rows;
      sum.missing += missing;
    }
    statements.set.run('epoch', knowledge.freshEpoch);
    // With the epoch: a stop before the hub opens the file must not take the news with it.
    statements.set.run('damaged_at', knowledge.damagedAt);
    statements.removeCleanStop.run();
    statements.markRegisters.run();
    return sum;
  });
}

function closeLane(database: Database, lane: Lane, knowledge: Knowledge): { rows: number; missing: number } {
  const statements = prepareLane(database, lane);
  const counters = knowledge.counted.has(lane) ? statements.counters.get() : undefined;
  if (counters !== undefined) statements.removeBeyond.run(counters.next + UNCOUNTED_LIMIT);
  const { lowest, highest } = widened(statements.bounds.get(), knowledge.left.get(lane));
  const acked = ackedOf(counters, lowest);
  const last = lastOf(counters, { acked, highest: highest ?? acked }, (to) => knowledge.isTailWhole(lane, to));
  const missing = nameHoles(database, lane, { acked, last, bytes: counters?.bytes ?? 0 });
  const there = statements.sum.get() ?? { rows: 0, bytes: 0 };
  rememberFormer(database, lane, { ...knowledge, base: counters?.base, acked, last });
  const given = last - ((counters?.next ?? last + 1) - 1);
  statements.set.run({
    ...{ lane, acked, next: last + 1, ...there, taken: counters?.taken ?? 0 },
    thinned: Math.max(acked, Math.min(counters?.thinned ?? 0, last)),
    enqueued: counters === undefined ? there.rows + missing : counters.enqueued + Math.max(0, given),
  });
  if (missing > 0) statements.tally.run(`dropped/${lane}/corrupt`, missing);
  return { rows: there.rows, missing };
}

function widened(found: Bounds | undefined, left: Reach | undefined): Bounds {
  const { lowest, highest } = found ?? { lowest: null, highest: null };
  if (left === undefined) return { lowest, highest };
  return { lowest: Math.min(lowest ?? left.lowest, left.lowest), highest: Math.max(highest ?? 0, left.highest) };
}

/** A row is deleted with its acknowledgement: what is still there was not acknowledged. */
function ackedOf(counters: Counters | undefined, lowest: number | null): number {
  if (counters === undefined) return lowest === null ? 0 : lowest - 1;
  return lowest === null ? counters.acked : Math.min(counters.acked, lowest - 1);
}

function lastOf(
  counters: Counters | undefined,
  { acked, highest }: { acked: number; highest: number },
  isTailWhole: (highest: number) => boolean,
): number {
  const counted = (counters?.next ?? highest + 1) - 1;
  const isPlausible = counted - Math.max(highest, acked) <= MOST_ROWS;
  const known = isPlausible ? Math.max(counted, highest, acked) : Math.max(highest, acked);
  if (isTailWhole(highest)) return known;
  return Math.max(known, (isPlausible ? counted : known) + UNCOUNTED_LIMIT);
}

/** Each number must be covered once. Where a row and a gap claim the same one, whoever begins later gives way. */
function nameHoles(
  database: Database,
  lane: Lane,
  { acked, last, bytes }: { acked: number; last: number; bytes: number },
): number {
  const statements = prepareLane(database, lane);
  const holes: Hole[] = [];
  const doubled: Piece[] = [];
  let covered = acked;
  for (const piece of statements.pieces.iterate()) {
    if (piece.from <= covered) {
      doubled.push(piece);
      continue;
    }
    if (piece.from > covered + 1) holes.push({ from: covered + 1, to: piece.from - 1 });
    covered = piece.to;
  }
  if (covered < last) holes.push({ from: covered + 1, to: last });
  for (const { from, isGap } of doubled) (isGap === 1 ? statements.removeGap : statements.removeRow).run(from);
  const missing = holes.reduce((rows, { from, to }) => rows + to - from + 1, 0);
  const lostBytes = Math.max(0, bytes - (statements.sum.get()?.bytes ?? 0));
  for (const { from, to } of holes) {
    const rows = to - from + 1;
    statements.addGap.run({ from, to, rows, bytes: Math.round((lostBytes * rows) / missing) });
  }
  return missing;
}

type Former = Pick<Knowledge, 'oldEpoch'> & { base: number | undefined; acked: number; last: number };

/** By which the cloud recognises what it has already. */
function rememberFormer(database: Database, lane: Lane, { oldEpoch, base, acked, last }: Former): void {
  const known = database.prepare<[Lane], { n: number }>('SELECT n FROM former WHERE lane = ? LIMIT 1').get(lane);
  const assumed = base ?? (known === undefined ? 0 : undefined);
  if (oldEpoch === undefined || assumed === undefined || last <= acked) return;
  database
    .prepare<[string, Lane, number, number]>('INSERT INTO former (epoch, lane, base, upto) VALUES (?, ?, ?, ?)')
    .run(oldEpoch, lane, assumed, last);
}

function prepareAll(database: Database) {
  return {
    set: database.prepare<[string, string]>(
      'INSERT INTO meta (k, v) VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v',
    ),
    removeCleanStop: database.prepare<[]>("DELETE FROM meta WHERE k = 'clean_stop'"),
    // The cloud knows registers by epoch and version: under the new epoch it is told all of them.
    markRegisters: database.prepare<[]>('UPDATE reg SET dirty = 1'),
  };
}

function prepareLane(database: Database, lane: Lane) {
  const log = `log${lane}`;
  return {
    counters: database.prepare<[], Counters>(
      `SELECT base, next, acked, bytes, thinned, enqueued, taken FROM lane WHERE lane = ${lane}`,
    ),
    bounds: database.prepare<[], Bounds>(
      `SELECT min("from") AS lowest, max("to") AS highest FROM (SELECT min(pos) AS "from", max(pos) AS "to" FROM ${log}
       UNION ALL SELECT min(from_pos), max(to_pos) FROM gap WHERE lane = ${lane})`,
    ),
    removeBeyond: database.prepare<[number]>(`DELETE FROM ${log} WHERE pos < 1 OR pos >= ?`),
    pieces: database.prepare<[], Piece>(
      `SELECT pos AS "from", pos AS "to", 0 AS isGap FROM ${log}
       UNION ALL SELECT from_pos, to_pos, 1 FROM gap WHERE lane = ${lane} ORDER BY "from", isGap`,
    ),
    removeRow: database.prepare<[number]>(`DELETE FROM ${log} WHERE pos = ?`),
    removeGap: database.prepare<[number]>(`DELETE FROM gap WHERE lane = ${lane} AND from_pos = ?`),
    addGap: database.prepare<[Hole & Sum]>(
      `INSERT INTO gap (lane, from_pos, to_pos, reason, rows, bytes, first_ms, last_ms)
       VALUES (${lane}, @from, @to, 'corrupt', @rows, @bytes, NULL, NULL)`,
    ),
    sum: database.prepare<[], Sum>(`SELECT count(*) AS rows, coalesce(sum(${ROW_BYTES_SQL}), 0) AS bytes FROM ${log}`),
    set: database.prepare<[Record<string, number>]>(
      `UPDATE lane SET base = @acked, next = @next, acked = @acked, acked_id = NULL, sent = @acked, thinned = @thinned,
         bytes = @bytes, rows = @rows, enqueued = @enqueued, taken = @taken WHERE lane = @lane`,
    ),
    tally: database.prepare<[string, number]>(
      'INSERT INTO tally (name, n) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET n = n + excluded.n',
    ),
  };
}
