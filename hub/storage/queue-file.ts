import assert from 'node:assert';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import type { Lane } from '../../contract/index.js';
import { HubError } from '../errors.js';
import { type GapRow, Gaps } from './gaps.js';
import { type LogRow, LogRows } from './log-rows.js';
import { migrations } from './migrations/index.js';
import { storageError } from './storage-error.js';

/** What the file itself says of a lane, in positions; a sequence number is a position less `base`. */
export type CountedLane = {
  lane: Lane;
  base: number;
  next: number;
  acked: number;
  sent: number;
  rows: number;
  enqueued: number;
  taken: number;
};

/** A value of a register, without its body. */
export type KeptRegister = { key: string; ver: number; dirty: 0 | 1; body: string };

/** A command in the inbox; what it says is the household's. */
export type KeptCommand = { cmdId: string; kind: string; slot: string; rev: number; state: string; attempts: number };

export type QueueEntry = { kind: 'event'; row: LogRow } | { kind: 'gap'; row: GapRow };

const DATABASE = 'hub.sqlite';
const BUSY_TIMEOUT_MS = 5000;
/** The first version whose queue has this form. */
const FIRST_VERSION = 4;
const ROWS_AT_ONCE = 1000;
const LANES: readonly Lane[] = [0, 1, 2, 3];

/** The queue in a hub's file, as it is at one moment; nothing is changed, and a hub that runs goes on. */
export class QueueFile {
  readonly path: string;
  readonly #sqlite: Sqlite.Database;
  readonly #log: LogRows;
  readonly #gaps: Gaps;

  private constructor(path: string, sqlite: Sqlite.Database) {
    this.path = path;
    this.#sqlite = sqlite;
    const reading = {
      prepare: <Parameters extends unknown[], Row>(sql: string) => sqlite.prepare<Parameters, Row>(sql),
      assertWriting: () => assert.fail('nothing is written here'),
    };
    this.#log = new LogRows({ database: reading, origins: { of: () => assert.fail('nothing is written here') } });
    this.#gaps = new Gaps(reading);
  }

  /**
   * `path` is the file or the hub's data folder.
   * @throws HubError `file.unreadable`, `queue.not-a-queue`, `storage.newer-file`, `storage.damaged`
   */
  static open(path: string): QueueFile {
    const file = fileAt(path);
    let sqlite: Sqlite.Database;
    try {
      sqlite = new Sqlite(file, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
    } catch (error) {
      throw new HubError('file.unreadable', `${file}: ${text(error)}`, { cause: error });
    }
    try {
      // Everything from the first read on is of one moment.
      sqlite.exec('BEGIN');
      requireQueue(sqlite, file);
      return new QueueFile(file, sqlite);
    } catch (error) {
      sqlite.close();
      throw storageError(error);
    }
  }

  get version(): number {
    return Number(this.#sqlite.pragma('user_version', { simple: true }));
  }

  meta(key: 'epoch' | 'damaged_at'): string | undefined {
    return this.#sqlite.prepare<[string], { v: string }>('SELECT v FROM meta WHERE k = ?').get(key)?.v;
  }

  /** The counters as they are on disk; events past `next` are not in them yet. */
  lanes(): CountedLane[] {
    return this.#sqlite
      .prepare<[], CountedLane>('SELECT lane, base, next, acked, sent, rows, enqueued, taken FROM lane ORDER BY lane')
      .all();
  }

  /** Events and gaps of a lane in the order of their positions. */
  *entries(lane: Lane): Generator<QueueEntry> {
    const gaps = this.#allGaps(lane);
    let gap = gaps.next();
    for (const row of this.#allEvents(lane)) {
      for (; gap.done !== true && gap.value.from <= row.pos; gap = gaps.next()) yield { kind: 'gap', row: gap.value };
      yield { kind: 'event', row };
    }
    for (; gap.done !== true; gap = gaps.next()) yield { kind: 'gap', row: gap.value };
  }

  registers(): KeptRegister[] {
    return this.#sqlite.prepare<[], KeptRegister>('SELECT key, ver, dirty, body FROM reg ORDER BY key').all();
  }

  commands(): KeptCommand[] {
    return this.#sqlite
      .prepare<[], KeptCommand>(
        'SELECT cmd_id AS cmdId, kind, slot, rev, state, attempts FROM inbox ORDER BY gen, down_seq',
      )
      .all();
  }

  /** What was counted since the file was made, by name, e.g. `dropped/2/thin`. */
  tallies(): Record<string, number> {
    const rows = this.#sqlite.prepare<[], { name: string; n: number }>('SELECT name, n FROM tally ORDER BY name').all();
    return Object.fromEntries(rows.map(({ name, n }) => [name, n]));
  }

  sizes(): { fileBytes: number; walBytes: number; freeBytes: number } {
    const pageBytes = Number(this.#sqlite.pragma('page_size', { simple: true }));
    const freePages = Number(this.#sqlite.pragma('freelist_count', { simple: true }));
    return {
      fileBytes: sizeOf(this.path),
      walBytes: sizeOf(`${this.path}-wal`),
      freeBytes: pageBytes * freePages,
    };
  }

  /** What SQLite finds wrong with the file, at most a hundred lines; none if it is whole. */
  damage(): string[] {
    const rows = this.#sqlite.prepare<[], { integrity_check: string }>('PRAGMA integrity_check(100)').all();
    return rows.map((row) => row.integrity_check).filter((line) => line !== 'ok');
  }

  close(): void {
    this.#sqlite.close();
  }

  *#allEvents(lane: Lane): Generator<LogRow> {
    for (let from = 0; ; ) {
      const rows = this.#log.read(lane, from, ROWS_AT_ONCE);
      yield* rows;
      const last = rows.at(-1);
      if (last === undefined) return;
      from = last.pos + 1;
    }
  }

  *#allGaps(lane: Lane): Generator<GapRow> {
    for (let from = 0; ; ) {
      const rows = this.#gaps.read(lane, from, ROWS_AT_ONCE);
      yield* rows;
      const last = rows.at(-1);
      if (last === undefined) return;
      from = last.from + 1;
    }
  }
}

function fileAt(path: string): string {
  try {
    return statSync(path).isDirectory() ? join(path, DATABASE) : path;
  } catch (error) {
    throw new HubError('file.unreadable', text(error), { cause: error });
  }
}

function requireQueue(sqlite: Sqlite.Database, file: string): void {
  const version = Number(sqlite.pragma('user_version', { simple: true }));
  const tables = sqlite
    .prepare<[], { n: number }>("SELECT count(*) AS n FROM sqlite_schema WHERE name IN ('lane', 'gap', 'reg', 'tally')")
    .get();
  if (version > migrations.length)
    throw new HubError('storage.newer-file', `${file} has version ${version}, this build knows ${migrations.length}`);
  if (version >= FIRST_VERSION && tables?.n === LANES.length) return;
  const advice = version > 0 && version < FIRST_VERSION ? '; start its hub once, which brings it up to date' : '';
  throw new HubError('queue.not-a-queue', `${file} is not the queue of a hub of this build${advice}`);
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
