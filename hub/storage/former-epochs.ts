import type { Lane } from '../../contract/index.js';
import type { Database } from './database.js';
import type { LaneRow } from './lane-book.js';

/** How positions of a lane up to `upto` were numbered in an epoch that is over. */
type Former = { lane: Lane; epoch: string; base: number; upto: number };

/** The most earlier places that travel with an event; the oldest ones are left out. */
const MAX_WAS = 16;

/** Where the events that are held were in earlier epochs. */
export class FormerEpochs {
  readonly #database: Database;
  readonly #statements;
  #known: Former[] | undefined;

  constructor(database: Database) {
    this.#database = database;
    this.#statements = prepareAll(database);
    database.onUndone(() => {
      this.#known = undefined;
    });
  }

  /** Remembers how a lane is numbered in an epoch that ends; part of the transaction that is open. */
  add(epoch: string, { lane, base, acked, next }: LaneRow): void {
    this.#database.assertWriting();
    if (next - 1 > acked) this.#statements.insert.run({ epoch, lane, base, upto: next - 1 });
    this.#known = undefined;
  }

  /** The earlier places of positions `from` to `to`, oldest first. */
  of(lane: Lane, from: number, to: number): { epoch: string; lane: Lane; from: number; to: number }[] {
    return this.#all()
      .filter((former) => former.lane === lane && former.upto >= from)
      .map(({ epoch, base, upto }) => ({ epoch, lane, from: from - base, to: Math.min(to, upto) - base }))
      .slice(-MAX_WAS);
  }

  /** Nothing at or before `pos` is held any more. */
  forget(lane: Lane, pos: number): void {
    this.#database.assertWriting();
    if (!this.#all().some((former) => former.lane === lane && former.upto <= pos)) return;
    this.#statements.forget.run(lane, pos);
    this.#known = undefined;
  }

  #all(): readonly Former[] {
    this.#known ??= this.#statements.all.all();
    return this.#known;
  }
}

function prepareAll(database: Database) {
  return {
    insert: database.prepare<[Former]>(
      'INSERT INTO former (epoch, lane, base, upto) VALUES (@epoch, @lane, @base, @upto)',
    ),
    all: database.prepare<[], Former>('SELECT lane, epoch, base, upto FROM former ORDER BY n'),
    forget: database.prepare<[Lane, number]>('DELETE FROM former WHERE lane = ? AND upto <= ?'),
  };
}
