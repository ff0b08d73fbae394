import type { Lane } from '../../contract/index.js';
import type { Moment } from '../boot.js';
import type { Database } from './database.js';
import { packId, unpackId } from './event-id.js';
import type { Origins } from './origins.js';
import { ROW_BYTES_SQL } from './row-bytes.js';

/** An event of the log as it is kept; `pos` never changes, whatever epoch counts from where. */
export type LogRow = LogHead & { id: string; type: string; tv: number; body: string };

/** Where and when an event was, and what it takes of the file. */
export type LogHead = Moment & { pos: number; bytes: number };

/** Events in a range of positions. */
export type RowSum = { rows: number; bytes: number; last: number | null };

type RawRow = Omit<LogRow, 'id'> & { id: Buffer };

/** The events of the log: a table for each lane, so that each grows at its end only. */
export class LogRows {
  readonly #database: Database;
  readonly #origins: Origins;
  readonly #lanes;

  constructor({ database, origins }: { database: Database; origins: Origins }) {
    this.#database = database;
    this.#origins = origins;
    this.#lanes = [
      prepareLane(database, 0),
      prepareLane(database, 1),
      prepareLane(database, 2),
      prepareLane(database, 3),
    ] as const;
  }

  /** Part of the transaction that is open. */
  insert(lane: Lane, pos: number, event: { type: string; id: string; body: string; at: Moment }): void {
    const { type, id, body, at } = event;
    const origin = this.#origins.of(type, at);
    const monoMs = Math.round(at.monoMs);
    this.#lanes[lane].insert.run(
      pos,
      origin.n,
      monoMs,
      at.wallMs - monoMs - origin.aheadMs,
      packId(id, at.wallMs),
      body,
    );
  }

  /** Events at `from` and after it, in order. */
  read(lane: Lane, from: number, limit: number): LogRow[] {
    return this.#lanes[lane].read.all(from, limit).map(fromRaw);
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

function fromRaw(raw: RawRow): LogRow {
  return { ...raw, id: unpackId(raw.id, raw.wallMs) };
}

function prepareLane(database: Database, lane: Lane) {
  const table = `log${lane}`;
  const rest = `pos, boot.id AS boot, mono_ms AS monoMs, mono_ms + ahead_ms + skew_ms AS wallMs, wq, ${ROW_BYTES_SQL} AS bytes
    FROM ${table} AS log JOIN origin ON origin.n = log.origin JOIN boot ON boot.n = origin.boot
    WHERE pos >= ? ORDER BY pos LIMIT ?`;
  return {
    insert: database.prepare<[number, number, number, number, Buffer, string]>(
      `INSERT INTO ${table} VALUES (?, ?, ?, ?, ?, ?)`,
    ),
    read: database.prepare<[number, number], RawRow>(`SELECT log.id, type, tv, body, ${rest}`),
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
