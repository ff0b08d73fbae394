import { setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import { DamageMark } from './damage-mark.js';
import type { Database } from './database.js';
import type { Meta } from './meta.js';
import { quickCheck } from './quick-check.js';

export type StoreHealthDeps = {
  path: string;
  database: Pick<Database, 'write' | 'onDamage' | 'close'>;
  meta: Pick<Meta, 'get' | 'set'>;
  now: () => number;
  log: Logger;
  onDamaged: ((what: string) => void) | undefined;
  /** The file was made just now. */
  isFresh: boolean;
};

/** Whether the database is whole, from its opening to its closing. */
export class StoreHealth {
  readonly #deps: StoreHealthDeps;
  readonly #closing = new AbortController();
  /** A file that was not closed in order is whole only once somebody has looked. */
  #isKnownWhole = false;
  #damage: string | undefined;
  #check: Promise<void> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(deps: StoreHealthDeps) {
    this.#deps = deps;
  }

  /** The mark of an orderly stop goes before the first change; without one, a thread looks through the file. */
  start(): void {
    const { database, meta, isFresh } = this.#deps;
    database.onDamage((what) => this.#found(what));
    const cleanStop = meta.get('clean_stop');
    this.#isKnownWhole = isFresh || cleanStop === 'yes';
    if (cleanStop !== 'no') database.write(() => meta.set('clean_stop', 'no'));
    if (!this.#isKnownWhole) this.#check = this.#look();
  }

  /** What is wrong with it, if that is known. */
  get damage(): string | undefined {
    return this.#damage;
  }

  /** Resolves when it was looked at, or need not be. */
  whenLooked(): Promise<void> {
    return this.#check;
  }

  /** Safe to call twice. Marks an orderly stop, unless it is not known whether the file is whole. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const { database, meta, log } = this.#deps;
    this.#closing.abort();
    await this.#check;
    try {
      if (this.#isKnownWhole && this.#damage === undefined) database.write(() => meta.set('clean_stop', 'yes'));
    } catch (error) {
      // The next start looks through the file, that is all.
      log.warn({ err: error }, 'orderly stop not recorded');
    } finally {
      database.close();
    }
  }

  async #look(): Promise<void> {
    const { path, log } = this.#deps;
    try {
      // To begin a thread takes a while too: first whoever opens the store goes on.
      await setImmediate();
      const found = await quickCheck(path, this.#closing.signal);
      if (found !== undefined) return this.#found(found);
      this.#isKnownWhole = true;
      log.info('the database is whole');
    } catch (error) {
      if (!this.#closing.signal.aborted) log.warn({ err: error }, 'the database could not be looked through');
    }
  }

  #found(what: string): void {
    if (this.#damage !== undefined) return;
    this.#damage = what;
    const { path, now, log, onDamaged } = this.#deps;
    log.error({ what }, 'the database is damaged: what is in it is saved at the next start');
    try {
      new DamageMark(path).set(what, now());
    } catch (error) {
      log.error({ err: error }, 'damage not recorded');
    }
    onDamaged?.(what);
  }
}
