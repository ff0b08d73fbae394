import type { Lane } from '../../contract/index.js';
import type { Database } from './database.js';
import { type SalvageLane, wasAlso } from './salvage-lane.js';

type Hole = { from: number; to: number };
type Piece = { first: number; last: number; isGap: 0 | 1 };
type Plan = { holes: Hole[]; refusedGaps: number[]; refusedRows: number[] };

/**
 * Closes the numbering of a salvaged file: what is missing in a lane becomes a gap with the reason `corrupt`, and the
 * counters say what is there.
 */
export function nameHoles(
  database: Database,
  { lanes, epoch }: { lanes: ReadonlyMap<Lane, SalvageLane>; epoch: string | undefined },
): { events: number; missing: number } {
  const statements = prepareAll(database);
  const sum = { events: 0, missing: 0 };
  for (const [lane, known] of lanes) {
    const last = known.last - known.acked;
    const plan = planOf(statements.pieces.iterate(lane, lane), last);
    const missing = plan.holes.reduce((rows, { from, to }) => rows + to - from + 1, 0);
    database.write(() => {
      for (const seq of plan.refusedRows) statements.removeRow.run(lane, seq);
      for (const seq of plan.refusedGaps) statements.removeGap.run(lane, seq);
      const there = statements.sum.get(lane) ?? { rows: 0, bytes: 0 };
      const lostBytes = Math.max(0, known.held.bytes - there.bytes);
      for (const { from, to } of plan.holes) {
        const rows = to - from + 1;
        const place = { epoch, lane, from: from + known.acked, to: to + known.acked };
        const was = wasAlso(null, epoch === undefined ? undefined : place);
        statements.addGap.run({ lane, from, to, rows, bytes: Math.round((lostBytes * rows) / missing), was });
      }
      statements.setLane.run({ lane, nextSeq: last + 1, ...there });
      sum.events += there.rows;
    });
    sum.missing += missing;
  }
  return sum;
}

/** Each number must be covered once. Where a row and a gap claim the same one, whoever begins later gives way. */
function planOf(pieces: Iterable<Piece>, last: number): Plan {
  const plan: Plan = { holes: [], refusedGaps: [], refusedRows: [] };
  let covered = 0;
  for (const { first, last: end, isGap } of pieces) {
    if (first <= covered) {
      (isGap === 1 ? plan.refusedGaps : plan.refusedRows).push(first);
      continue;
    }
    if (first > covered + 1) plan.holes.push({ from: covered + 1, to: first - 1 });
    covered = end;
  }
  if (covered < last) plan.holes.push({ from: covered + 1, to: last });
  return plan;
}

function prepareAll(database: Database) {
  return {
    pieces: database.prepare<[Lane, Lane], Piece>(
      `SELECT seq AS first, seq AS last, 0 AS isGap FROM log WHERE lane = ?
       UNION ALL SELECT from_seq, to_seq, 1 FROM gap WHERE lane = ? ORDER BY first, isGap`,
    ),
    removeRow: database.prepare<[Lane, number]>('DELETE FROM log WHERE lane = ? AND seq = ?'),
    removeGap: database.prepare<[Lane, number]>('DELETE FROM gap WHERE lane = ? AND from_seq = ?'),
    addGap: database.prepare<[Record<string, unknown>]>(
      `INSERT INTO gap (lane, from_seq, to_seq, reason, rows, bytes, first_ms, last_ms, was)
       VALUES (@lane, @from, @to, 'corrupt', @rows, @bytes, NULL, NULL, @was)`,
    ),
    sum: database.prepare<[Lane], { rows: number; bytes: number }>(
      'SELECT count(*) AS rows, coalesce(sum(bytes), 0) AS bytes FROM log WHERE lane = ?',
    ),
    setLane: database.prepare<[Record<string, unknown>]>(
      `UPDATE lane SET next_seq = @nextSeq, acked = 0, acked_id = NULL, sent = 0, rows = @rows, bytes = @bytes
       WHERE lane = @lane`,
    ),
  };
}
