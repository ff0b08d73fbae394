import type { Database } from './database.js';

type Key =
  | 'epoch'
  | 'damaged_at'
  | 'down_gen'
  | 'down_acked'
  | 'state_rev'
  | 'heartbeat_interval_s'
  | 'sync_interval_s';

/** Single values of the hub, by name. */
export class Meta {
  readonly #database: Database;
  readonly #get;
  readonly #set;

  constructor(database: Database) {
    this.#database = database;
    this.#get = database.prepare<[string], { v: string }>('SELECT v FROM meta WHERE k = ?');
    this.#set = database.prepare<[string, string]>(
      'INSERT INTO meta (k, v) VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v',
    );
  }

  get(key: Key): string | undefined {
    return this.#get.get(key)?.v;
  }

  set(key: Key, value: string): void {
    this.#set.run(key, value);
  }

  number(key: Key): number | undefined {
    const value = this.get(key);
    return value === undefined ? undefined : Number(value);
  }

  /** The next number of a counter that never goes back. */
  next(key: 'state_rev'): number {
    return this.#database.write(() => {
      const value = (this.number(key) ?? 0) + 1;
      this.set(key, String(value));
      return value;
    });
  }
}
