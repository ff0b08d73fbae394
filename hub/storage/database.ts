import assert from 'node:assert';
import Sqlite from 'better-sqlite3';
import { HubError } from '../errors.js';
import { migrations } from './migrations/index.js';
import { nativeBinding } from './native-binding.js';
import { fileBytes, QUEUE_LIMITS, type QueueLimits } from './queue-limits.js';
import { storageError } from './storage-error.js';

// Sync protocol, section 7.
const PAGE_BYTES = 4096;
const WAL_CHECKPOINT_PAGES = 1000;
// The end of each lane and a window for the cloud; more would take memory from the pictures.
const CACHE_KIB = 4096;
const WAL_LIMIT_BYTES = 8 * 1024 * 1024;
const BUSY_TIMEOUT_MS = 5000;
const SYNCHRONOUS_FULL = 2;
const AUTO_VACUUM_INCREMENTAL = 2;

/** The hub's one SQLite file with its one writer. Synchronous to the core: no `await` inside `write`. */
export class Database {
  readonly #sqlite: Sqlite.Database;
  readonly #sql;
  readonly #maxPages: number;
  readonly #undone: (() => void)[] = [];
  #afterCommit: (() => void)[] = [];
  #damageListener: ((what: string) => void) | undefined;
  #makeRoom: ((attempt: number) => boolean) | undefined;
  #watch: (<T>(write: () => T) => T) | undefined;

  /**
   * Opens or makes the file, and brings it to the newest version. Whether it is whole is not looked at: `quickCheck` does.
   * @throws HubError `storage.newer-file`, `storage.unsafe-setting`, `storage.damaged`, `storage.full`, `storage.failing`
   */
  constructor(path: string, steps: readonly string[] = migrations, limits: QueueLimits = QUEUE_LIMITS) {
    this.#maxPages = Math.ceil(fileBytes(limits) / PAGE_BYTES);
    try {
      this.#sqlite = new Sqlite(path, { timeout: BUSY_TIMEOUT_MS, nativeBinding: nativeBinding() });
    } catch (error) {
      throw storageError(error);
    }
    try {
      this.#configure(this.#maxPages);
      this.#migrate(path, steps);
      this.#sql = prepareAll(this.#sqlite);
    } catch (error) {
      this.#sqlite.close();
      throw storageError(error);
    }
  }

  prepare<Parameters extends unknown[], Row = unknown>(sql: string): Sqlite.Statement<Parameters, Row> {
    const statement = this.#sqlite.prepare<Parameters, Row>(sql);
    for (const name of ['get', 'all', 'run'] as const) this.#listenTo(statement, name);
    return statement;
  }

  /** Called when a statement meets a page that cannot be right: what is in the file must be saved into a new one. */
  onDamage(listener: (what: string) => void): void {
    this.#damageListener = listener;
  }

  /**
   * One transaction: committed and flushed to disk when this returns. Inside another `write` it is a part of that one,
   * which is undone alone if it throws. Done again from the start where it found no room and some could be made.
   * @throws HubError `storage.full`, `storage.failing`, `storage.damaged`, and what `change` throws
   */
  write<T>(change: () => T): T {
    if (this.#sqlite.inTransaction) return this.#attempt(() => this.#sqlite.transaction(change)());
    const watch = this.#watch;
    return watch === undefined ? this.#write(change) : watch(() => this.#write(change));
  }

  /** Every transaction is done inside of `watch`, which gives and throws what the transaction does. */
  watch(watch: <T>(write: () => T) => T): void {
    this.#watch = watch;
  }

  /** Called when rows were put back as they were: what is kept in memory of them is to be read again. */
  onUndone(listener: () => void): void {
    this.#undone.push(listener);
  }

  /** Asked to make room after each attempt at a commit that found none; false: it is not worth another one. */
  onFull(makeRoom: (attempt: number) => boolean): void {
    this.#makeRoom = makeRoom;
  }

  /** What an error says about the card, by our codes; whoever listens hears of damage. */
  told(error: unknown): unknown {
    const told = storageError(error);
    if (told instanceof HubError && told.code === 'storage.damaged') this.#damageListener?.(told.message);
    return told;
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

  /** Pages of the file that are empty. */
  freePages(): number {
    return Number(this.#sqlite.pragma('freelist_count', { simple: true }));
  }

  /** By how many pages the file may still grow. */
  growthPages(): number {
    const pages = (name: string) => Number(this.#sqlite.pragma(name, { simple: true }));
    return pages('max_page_count') - pages('page_count');
  }

  /** The file grows by no more than so many pages, or up to its limit again. */
  limitGrowth(pages?: number): void {
    const count = Number(this.#sqlite.pragma('page_count', { simple: true }));
    this.#sqlite.pragma(`max_page_count = ${pages === undefined ? this.#maxPages : count + pages}`);
  }

  /** Gives so many empty pages back to the card. */
  vacuum(pages: number): void {
    this.#sqlite.pragma(`incremental_vacuum(${pages})`);
  }

  /** Moves what is in the log into the file, as far as readers let it. */
  checkpoint(): void {
    this.#sqlite.pragma('wal_checkpoint(PASSIVE)');
  }

  close(): void {
    this.#sqlite.close();
  }

  #write<T>(change: () => T): T {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const result = this.#attempt(() => this.#commit(change));
        const callbacks = this.#afterCommit;
        this.#afterCommit = [];
        for (const callback of callbacks) callback();
        return result;
      } catch (error) {
        this.#afterCommit = [];
        const cause = this.told(error);
        if (!(cause instanceof HubError && cause.code === 'storage.full' && this.#hasMadeRoom(attempt))) throw cause;
      }
    }
  }

  /** better-sqlite3's own wrapper, made anew for each transaction, takes longer than an insert. */
  #commit<T>(change: () => T): T {
    this.#sql.begin.run();
    try {
      const result = change();
      this.#sql.commit.run();
      return result;
    } catch (error) {
      // SQLite has rolled back itself where the disk failed it.
      if (this.#sqlite.inTransaction) this.#sql.rollback.run();
      throw error;
    }
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
  #hasMadeRoom(attempt: number): boolean {
    const makeRoom = this.#makeRoom;
    this.#makeRoom = undefined;
    try {
      return makeRoom?.(attempt) ?? false;
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
    sqlite.pragma(`cache_size = -${CACHE_KIB}`);
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

  #listenTo(statement: object, name: string): void {
    const plain: unknown = Reflect.get(statement, name);
    assert(typeof plain === 'function', `a statement has ${name}`);
    const value = (...parameters: unknown[]): unknown => {
      try {
        return Reflect.apply(plain, statement, parameters);
      } catch (error) {
        throw this.told(error);
      }
    };
    Object.defineProperty(statement, name, { value });
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

function prepareAll(sqlite: Sqlite.Database) {
  return {
    begin: sqlite.prepare('BEGIN IMMEDIATE'),
    commit: sqlite.prepare('COMMIT'),
    rollback: sqlite.prepare('ROLLBACK'),
  };
}
