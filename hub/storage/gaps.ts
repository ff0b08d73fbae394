import type { GapReason, Lane } from '../../contract/index.js';
import type { ReadableDatabase } from './log-rows.js';

/** Positions of a lane that will never come, both ends included, and why. */
export type GapRow = {
  lane: Lane;
  from: number;
  to: number;
  reason: GapReason;
  rows: number;
  bytes: number;
  /** The earliest and the latest wall time of its events; null where the clock was never set. */
  firstMs: number | null;
  lastMs: number | null;
};

/** What was dropped, by range, until the cloud knows of it. */
export class Gaps {
  readonly #database: ReadableDatabase;
  readonly #statements;

  constructor(database: ReadableDatabase) {
    this.#database = database;
    this.#statements = prepareAll(database);
  }

  /**
   * Names a range; part of the transaction that is open. Ranges inside of it become part of it, and so does one of
   * the same reason that ends before it or begins behind it.
   */
  add(fresh: GapRow): void {
    this.#database.assertWriting();
    const { lane, reason } = fresh;
    const inside = this.#statements.inside.all(lane, fresh.from, fresh.to);
    const before = this.holding(lane, fresh.from - 1);
    const after = this.#statements.at.get(lane, fresh.to + 1);
    const parts = [
      before?.reason === reason ? [before] : [],
      inside,
      [fresh],
      after?.reason === reason ? [after] : [],
    ].flat();
    for (const { from } of parts) this.#statements.delete.run(lane, from);
    this.#statements.insert.run(joined(fresh, parts));
  }

  /** Ranges at `from` and after it, in order. */
  read(lane: Lane, from: number, limit: number): GapRow[] {
    return this.#statements.read.all(lane, from, limit);
  }

  /** The range that holds a position. */
  holding(lane: Lane, pos: number): GapRow | undefined {
    const found = this.#statements.lastUpTo.get(lane, pos);
    return found !== undefined && found.to >= pos ? found : undefined;
  }

  /** Forgets what lies at or before `pos`, and of a range across it that part. */
  trim(lane: Lane, pos: number): void {
    this.#database.assertWriting();
    const across = this.holding(lane, pos);
    this.#statements.deleteUpTo.run(lane, pos);
    if (across === undefined || across.to === pos) return;
    const left = (across.to - pos) / (across.to - across.from + 1);
    const rows = Math.ceil(across.rows * left);
    this.#statements.insert.run({ ...across, from: pos + 1, rows, bytes: Math.ceil(across.bytes * left) });
  }
}

function joined(fresh: GapRow, parts: readonly GapRow[]): GapRow {
  const times = parts.flatMap(({ firstMs, lastMs }) => [firstMs, lastMs]).filter((ms) => ms !== null);
  return {
    ...fresh,
    from: Math.min(...parts.map(({ from }) => from)),
    to: Math.max(...parts.map(({ to }) => to)),
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
    bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
    firstMs: times.length === 0 ? null : Math.min(...times),
    lastMs: times.length === 0 ? null : Math.max(...times),
  };
}

function prepareAll(database: ReadableDatabase) {
  const select = (where: string) =>
    `SELECT lane, from_pos AS "from", to_pos AS "to", reason, rows, bytes, first_ms AS firstMs, last_ms AS lastMs
     FROM gap WHERE lane = ? AND ${where}`;
  return {
    insert: database.prepare<[GapRow]>(
      `INSERT INTO gap (lane, from_pos, to_pos, reason, rows, bytes, first_ms, last_ms)
       VALUES (@lane, @from, @to, @reason, @rows, @bytes, @firstMs, @lastMs)`,
    ),
    delete: database.prepare<[Lane, number]>('DELETE FROM gap WHERE lane = ? AND from_pos = ?'),
    deleteUpTo: database.prepare<[Lane, number]>('DELETE FROM gap WHERE lane = ? AND from_pos <= ?'),
    inside: database.prepare<[Lane, number, number], GapRow>(select('from_pos BETWEEN ? AND ? ORDER BY from_pos')),
    at: database.prepare<[Lane, number], GapRow>(select('from_pos = ?')),
    lastUpTo: database.prepare<[Lane, number], GapRow>(select('from_pos <= ? ORDER BY from_pos DESC LIMIT 1')),
    read: database.prepare<[Lane, number, number], GapRow>(select('from_pos >= ? ORDER BY from_pos LIMIT ?')),
  };
}
