import type { Lane } from '../../contract/index.js';
import type { Moment } from '../boot.js';
import type { Database } from './database.js';
import type { Origins } from './origins.js';
import { ROW_BYTES_SQL } from './row-bytes.js';
import { sealOf } from './seal.js';

/** An event of the log as it is kept, with its seal unless an older build wrote it; `pos` never changes, whatever epoch counts from where. */
export type LogRow = LogHead & { id: string; seal: number | null; type: string; tv: number; body: string };

/** Where and when an event was, and what it takes of the file. */
export type LogHead = Moment & { pos: number; bytes: number };

/** More gains nothing. */
export const ROWS_AT_ONCE = 16;

/** Events in a range of positions. */
export type RowSum = { rows: number; bytes: number; last: number | null };

/** What reading takes, of a file that somebody else may be writing. */
export type ReadableDatabase = Pick<Database, 'prepare' | 'assertWriting'>;

/** The events of the log: a table for each lane, so that each grows at its end only. */
export class LogRows {
  readonly #database: ReadableDatabase;
  readonly #origins: Pick<Origins, 'of'>;
  readonly #lanes;

  constructor({ database, origins }: { database: ReadableDatabase; origins: Pick<Origins, 'of'> }) {
    this.#database = database;
    this.#origins = origins;
    this.#lanes = [
      prepareLane(database, 0),
      prepareLane(database, 1),
      prepareLane(database, 2),
      prepareLane(database, 3),
    ] as const;
  }

  /** Part of the transaction that is open. Gives the seal with which the id of the event ends. */
  insert(lane: Lane, pos: number, { type, body, at }: { type: string; body: string; at: Moment }): number {
    const origin = this.#origins.of(type, at);
    const monoMs = Math.round(at.monoMs);
    const seal = sealOf({ lane, pos, monoMs, wallMs: at.wallMs, wq: at.wq, type, body });
    this.#lanes[lane].insert.run(pos, origin.n, monoMs, at.wallMs - monoMs - origin.aheadMs, seal, body);
    return seal;
  }

  /** `ROWS_AT_ONCE` events of one moment, the first at `from`: in one statement, which takes two thirds of the time. */
  insertMany(lane: Lane, from: number, events: readonly { type: string; body: string }[], at: Moment): number[] {
    const monoMs = Math.round(at.monoMs);
    const values: (number | string)[] = [];
    const seals = events.map(({ type, body }, index) =>
      sealOf({ lane, pos: from + index, monoMs, wallMs: at.wallMs, wq: at.wq, type, body }),
    );
    for (const [index, { type, body }] of events.entries()) {
      const origin = this.#origins.of(type, at);
      values.push(from + index, origin.n, monoMs, at.wallMs - monoMs - origin.aheadMs, seals[index] ?? 0, body);
    }
    this.#lanes[lane].insertMany.run(values);
    return seals;
  }

  /** Events at `from` and after it, in order. */
  read(lane: Lane, from: number, limit: number): LogRow[] {
    return this.#lanes[lane].read.all(from, limit);
  }

  at(lane: Lane, pos: number): LogRow | undefined {
    const [row] = this.read(lane, pos, 1);
    return row?.pos === pos ? row : undefined;
  }

  /** Of the events in a range, both ends included. */
  sum(lane: Lane, from: number, to: number): RowSum {
    return this.#lanes[lane].sum.get(from, to) ?? { rows: 0, bytes: 0, last: null };
  }

  /** As `read`, without what the events say. */
  heads(lane: Lane, from: number, limit: number): LogHead[] {
    return this.#lanes[lane].heads.all(from, limit);
  }

  delete(lane: Lane, from: number, to: number): void {
    this.#database.assertWriting();
    this.#lanes[lane].delete.run(from, to);
  }

  /** The number of the boot of the oldest event of all lanes. */
  oldestBoot(): number | undefined {
    const found = this.#lanes.map((lane) => lane.oldestBoot.get()?.boot).filter((boot) => boot !== undefined);
    return found.length === 0 ? undefined : Math.min(...found);
  }
}

const ROW = '(?, ?, ?, ?, CAST(? AS INTEGER), ?)';
const WALL = 'mono_ms + ahead_ms + skew_ms';
const HEX = 'lower(hex(log.id))';
const ID = `CASE typeof(log.id) WHEN 'integer' THEN printf('%08x-%04x-%s%08x', (${WALL}) >> 16, (${WALL}) & 65535, id_middle, log.id)
  ELSE printf('%s-%s-%s-%s-%s', substr(${HEX}, 1, 8), substr(${HEX}, 9, 4), substr(${HEX}, 13, 4), substr(${HEX}, 17, 4),
    substr(${HEX}, 21)) END`;

function prepareLane(database: ReadableDatabase, lane: Lane) {
  const table = `log${lane}`;
  const rest = `pos, boot.id AS boot, mono_ms AS monoMs, ${WALL} AS wallMs, wq, ${ROW_BYTES_SQL} AS bytes
    FROM ${table} AS log JOIN origin ON origin.n = log.origin JOIN boot ON boot.n = origin.boot
    WHERE pos >= ? ORDER BY pos LIMIT ?`;
  return {
    insert: database.prepare<[number, number, number, number, number, string]>(`INSERT INTO ${table} VALUES ${ROW}`),
    insertMany: database.prepare<[(number | string)[]]>(
      `INSERT INTO ${table} VALUES ${Array.from({ length: ROWS_AT_ONCE }, () => ROW).join(', ')}`,
    ),
    read: database.prepare<[number, number], LogRow>(
      `SELECT ${ID} AS id, CASE typeof(log.id) WHEN 'integer' THEN log.id END AS seal, type, tv, body, ${rest}`,
    ),
    heads: database.prepare<[number, number], LogHead>(`SELECT ${rest}`),
    sum: database.prepare<[number, number], RowSum>(
      `SELECT count(*) AS rows, coalesce(sum(${ROW_BYTES_SQL}), 0) AS bytes, max(pos) AS last
       FROM ${table} WHERE pos BETWEEN ? AND ?`,
    ),
    delete: database.prepare<[number, number]>(`DELETE FROM ${table} WHERE pos BETWEEN ? AND ?`),
    oldestBoot: database.prepare<[], { boot: number }>(
      `SELECT origin.boot FROM ${table} AS log JOIN origin ON origin.n = log.origin ORDER BY pos LIMIT 1`,
    ),
  };
}
