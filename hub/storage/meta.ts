import type { Database } from './database.js';

type Key =
  | 'epoch'
  | 'left_epochs'
  | 'damaged_at'
  | 'clean_stop'
  | 'down_gen'
  | 'down_acked'
  | 'down_over'
  | 'down_lost'
  | 'state_rev'
  | 'heartbeat_interval_s'
  | 'sync_interval_s'
  | 'trouble_shown'
  | 'trouble_frame'
  | 'sweep_due'
  | 'synced_at'
  | 'damage_told';

const SET_ASIDE = 100;

/** Single values of the hub, by name. */
export class Meta {
  readonly #database: Database;
  readonly #get;
  readonly #set;
  #last = 0;
  #setAside = 0;

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

  /**
   * The next number of a counter that never goes back. Only each hundredth costs a write: the store keeps how far the
   * numbers are set aside, and a start leaves out those that were not used.
   */
  next(key: 'state_rev'): number {
    if (this.#last === this.#setAside) {
      this.#last = this.number(key) ?? 0;
      const setAside = this.#last + SET_ASIDE;
      this.#database.write(() => this.set(key, String(setAside)));
      this.#setAside = setAside;
    }
    this.#last += 1;
    return this.#last;
  }
}
