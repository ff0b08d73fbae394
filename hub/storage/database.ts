import assert from 'node:assert';
import Sqlite from 'better-sqlite3';
import { HubError } from '../errors.js';
import { migrations } from './migrations/index.js';
import { bytesOfAll, QUEUE_LIMITS, type QueueLimits } from './queue-limits.js';
import { storageError } from './storage-error.js';

// Sync protocol, section 7.
const PAGE_BYTES = 4096;
const WAL_CHECKPOINT_PAGES = 1000;
const WAL_LIMIT_BYTES = 8 * 1024 * 1024;
const BUSY_TIMEOUT_MS = 5000;
// Section 6: what the lanes may hold, and a quarter more.
const FILE_FACTOR = 1.25;
const SYNCHRONOUS_FULL = 2;
const AUTO_VACUUM_INCREMENTAL = 2;

/** The hub's one SQLite file with its one writer. Synchronous to the core: no `await` inside `write`. */
export class Database {
  readonly #sqlite: Sqlite.Database;
  readonly #undone: (() => void)[] = [];
  #afterCommit: (() => void)[] = [];
  #makeRoom: (() => boolean) | undefined;

  /**
   * Opens or makes the file, looks whether it is whole, and brings it to the newest version.
   * @throws HubError `storage.newer-file`, `storage.unsafe-setting`, `storage.damaged`, `storage.full`, `storage.failing`
   */
  constructor(path: string, steps: readonly string[] = migrations, limits: QueueLimits = QUEUE_LIMITS) {
    try {
      this.#sqlite = new Sqlite(path, { timeout: BUSY_TIMEOUT_MS });
    } catch (error) {
      throw storageError(error);
    }
    try {
      this.#configure(Math.ceil((bytesOfAll(limits) * FILE_FACTOR) / PAGE_BYTES));
      this.#requireWhole(path);
      this.#migrate(path, steps);
    } catch (error) {
      this.#sqlite.close();
      throw storageError(error);
    }
  }

  prepare<Parameters extends unknown[], Row = unknown>(sql: string): Sqlite.Statement<Parameters, Row> {
    return this.#sqlite.prepare<Parameters, Row>(sql);
  }

  /**
   * One transaction: committed and flushed to disk when this returns. Inside another `write` it is a part of that one,
   * which is undone alone if it throws. Done again from the start where it found no room and some could be made.
   * @throws HubError `storage.full`, `storage.failing`, `storage.damaged`, and what `change` throws
   */
  write<T>(change: () => T): T {
    if (this.#sqlite.inTransaction) return this.#attempt(() => this.#sqlite.transaction(change)());
    for (;;) {
      try {
        const result = this.#attempt(() => this.#sqlite.transaction(change).immediate());
        const callbacks = this.#afterCommit;
        this.#afterCommit = [];
        for (const callback of callbacks) callback();
        return result;
      } catch (error) {
        this.#afterCommit = [];
        const cause = storageError(error);
        if (!(cause instanceof HubError && cause.code === 'storage.full' && this.#hasMadeRoom())) throw cause;
      }
    }
  }

  /** Called when rows were put back as they were: what is kept in memory of them is to be read again. */
  onUndone(listener: () => void): void {
    this.#undone.push(listener);
  }

  /** What makes room in a file or on a card that is full; false if it could not. */
  onFull(makeRoom: () => boolean): void {
    this.#makeRoom = makeRoom;
  }

  /** Calls back once the surrounding `write` is on disk; never if it fails. */
  afterCommit(callback: () => void): void {
    this.assertWriting();
    if (!this.#afterCommit.includes(callback)) this.#afterCommit.push(callback);
  }

  assertWriting(): void {
    assert(this.#sqlite.inTransaction, 'only inside write()');
  }

  /** Leaves nothing in the file of what was deleted: free pages were overwritten as they became free, the log is emptied here. */
  scrub(): void {
    this.#sqlite.pragma('incremental_vacuum');
    this.#sqlite.pragma('wal_checkpoint(TRUNCATE)');
  }

  close(): void {
    this.#sqlite.close();
  }

  #attempt<T>(part: () => T): T {
    try {
      return part();
    } catch (error) {
      for (const listener of this.#undone) listener();
      throw error;
    }
  }

  /** Whoever makes room writes too, and must not be asked for room in the middle of that. */
  #hasMadeRoom(): boolean {
    const makeRoom = this.#makeRoom;
    this.#makeRoom = undefined;
    try {
      return makeRoom?.() ?? false;
    } finally {
      this.#makeRoom = makeRoom;
    }
  }

  #configure(maxPages: number): void {
    const sqlite = this.#sqlite;
    // Before the first table, or they have no effect.
    sqlite.pragma(`page_size = ${PAGE_BYTES}`);
    sqlite.pragma('auto_vacuum = INCREMENTAL');
    sqlite.pragma('journal_mode = WAL');
    // better-sqlite3 is built with NORMAL in WAL, which loses acknowledged rows on a power cut.
    sqlite.pragma('synchronous = FULL');
    sqlite.pragma(`wal_autocheckpoint = ${WAL_CHECKPOINT_PAGES}`);
    sqlite.pragma(`journal_size_limit = ${WAL_LIMIT_BYTES}`);
    sqlite.pragma(`max_page_count = ${maxPages}`);
    sqlite.pragma('foreign_keys = ON');
    // What a household has shown must not be found in free pages when it has left.
    sqlite.pragma('secure_delete = ON');
    this.#check('journal_mode', 'wal');
    this.#check('synchronous', SYNCHRONOUS_FULL);
    this.#check('auto_vacuum', AUTO_VACUUM_INCREMENTAL);
    this.#check('foreign_keys', 1);
    this.#check('secure_delete', 1);
  }

  /** A damaged page is better found here than in the middle of a commit. Takes 6 ms when lane 0 is full. */
  #requireWhole(path: string): void {
    const found: unknown = this.#sqlite.pragma('quick_check(1)', { simple: true });
    if (found !== 'ok') throw new HubError('storage.damaged', `${path}: ${found}`);
  }

  #check(name: string, wanted: unknown): void {
    const value: unknown = this.#sqlite.pragma(name, { simple: true });
    if (value !== wanted) {
      throw new HubError('storage.unsafe-setting', `SQLite ${name} is ${value}, not ${wanted}`);
    }
  }

  #migrate(path: string, steps: readonly string[]): void {
    const version = Number(this.#sqlite.pragma('user_version', { simple: true }));
    if (version > steps.length) {
      throw new HubError(
        'storage.newer-file',
        `${path} has version ${version}, this build knows ${steps.length}; install the newer build again`,
      );
    }
    for (const [place, sql] of steps.entries()) {
      if (place < version) continue;
      this.#sqlite
        .transaction(() => {
          this.#sqlite.exec(sql);
          this.#sqlite.pragma(`user_version = ${place + 1}`);
        })
        .immediate();
    }
  }
}
