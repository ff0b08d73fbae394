import type { GapReason, Lane } from '../../contract/index.js';
import type { Database } from './database.js';

type Name = 'rejected' | `dropped/${Lane}/${GapReason}`;

/** What is counted since the file was made, besides the counters of the lanes. */
export class Tallies {
  readonly #database: Database;
  readonly #add;
  readonly #get;

  constructor(database: Database) {
    this.#database = database;
    this.#add = database.prepare<[Name, number]>(
      'INSERT INTO tally (name, n) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET n = n + excluded.n',
    );
    this.#get = database.prepare<[Name], { n: number }>('SELECT n FROM tally WHERE name = ?');
  }

  /** Part of the transaction that is open. */
  add(name: Name, n: number): void {
    this.#database.assertWriting();
    this.#add.run(name, n);
  }

  get(name: Name): number {
    return this.#get.get(name)?.n ?? 0;
  }
}
