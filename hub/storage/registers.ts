import type { Register } from '../../contract/index.js';
import type { Boot } from '../boot.js';
import { HubError } from '../errors.js';
import type { Database } from './database.js';

/** Source: sync protocol, section 6. */
const MAX_KEYS = 10_000;

type RegisterRow = { key: string; ver: number; ackedVer: number; boot: string; monoMs: number; body: string };

/** What is, one value for each key; the latest one is kept until the cloud has it. Source: sync protocol, section 4. */
export class Registers {
  readonly #database: Database;
  readonly #boot: Boot;
  readonly #maxKeys: number;
  readonly #statements;
  readonly #notify = () => this.#listener?.();
  #listener: (() => void) | undefined;

  constructor({ database, boot, maxKeys = MAX_KEYS }: { database: Database; boot: Boot; maxKeys?: number }) {
    this.#database = database;
    this.#boot = boot;
    this.#maxKeys = maxKeys;
    this.#statements = prepareAll(database);
  }

  /** Called after each commit that set a value. */
  onSet(listener: () => void): void {
    this.#listener = listener;
  }

  /**
   * The new value of a key, on disk with the transaction that is open, or with one of its own.
   * @throws HubError `registers.full`, `storage.full`, `storage.failing`
   */
  set(key: string, body: unknown): void {
    const { boot, monoMs } = this.#boot.now();
    const row = { key, boot, monoMs, body: JSON.stringify(body) };
    this.#database.write(() => {
      if (this.#statements.update.run(row).changes === 0) this.#insert(row);
      this.#database.afterCommit(this.#notify);
    });
  }

  /** Values that the cloud does not have yet, as many as that at most. */
  dirty(limit: number): Register[] {
    return this.#statements.dirty.all(limit).map(({ key, ver, ackedVer, boot, monoMs, body }) => ({
      ...{ key, ver, boot, mono: monoMs, body: JSON.parse(body) },
      // Versions of a key are without a hole, so that those in between are values that were never sent.
      sup: Math.max(0, ver - ackedVer - 1),
    }));
  }

  /** Part of the transaction that is open. A value that was overwritten since stays to be sent. */
  acknowledge(acks: readonly (readonly [key: string, ver: number])[]): void {
    this.#database.assertWriting();
    for (const [key, ver] of acks) this.#statements.acknowledge.run({ key, ver });
  }

  /** The cloud may have lost what it had. */
  markAllDirty(): void {
    this.#database.write(() => this.#statements.markAll.run());
  }

  /** Values that were overwritten before the cloud had them, since the file was made. */
  superseded(): number {
    return this.#statements.superseded.get()?.n ?? 0;
  }

  #insert(row: { key: string; boot: string; monoMs: number; body: string }): void {
    const { n } = this.#statements.count.get() ?? { n: 0 };
    if (n >= this.#maxKeys) throw new HubError('registers.full', `${n} registers, limit ${this.#maxKeys}`);
    this.#statements.insert.run(row);
  }
}

function prepareAll(database: Database) {
  return {
    update: database.prepare<[Record<string, unknown>]>(
      'UPDATE reg SET ver = ver + 1, dirty = 1, boot = @boot, mono_ms = @monoMs, body = @body WHERE key = @key',
    ),
    insert: database.prepare<[Record<string, unknown>]>(
      `INSERT INTO reg (key, ver, acked_ver, taken, dirty, boot, mono_ms, body)
       VALUES (@key, 1, 0, 0, 1, @boot, @monoMs, @body)`,
    ),
    count: database.prepare<[], { n: number }>('SELECT count(*) AS n FROM reg'),
    dirty: database.prepare<[number], RegisterRow>(
      `SELECT key, ver, acked_ver AS ackedVer, boot, mono_ms AS monoMs, body FROM reg WHERE dirty = 1
       ORDER BY key LIMIT ?`,
    ),
    acknowledge: database.prepare<[{ key: string; ver: number }]>(
      `UPDATE reg SET taken = taken + (@ver > acked_ver), acked_ver = max(acked_ver, @ver), dirty = (ver <> @ver)
       WHERE key = @key AND @ver BETWEEN acked_ver AND ver AND dirty = 1`,
    ),
    markAll: database.prepare<[]>('UPDATE reg SET dirty = 1'),
    superseded: database.prepare<[], { n: number }>(
      'SELECT coalesce(sum(ver - taken - (ver > acked_ver)), 0) AS n FROM reg',
    ),
  };
}
