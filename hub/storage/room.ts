import type { Ballast } from './ballast.js';
import type { Database } from './database.js';
import type { Outbox } from './outbox.js';

/** With no more free pages than this, the file itself has to grow for what is to be written. */
const FEW_PAGES = 64;
const MAX_ATTEMPTS = 8;

/**
 * Makes room for a commit that found none: in a file that is at its limit and on a card that is full. What matters
 * least gives way to lane 0 and to what the cloud acknowledges. Source: sync protocol, section 6.
 */
export class Room {
  readonly #database: Pick<Database, 'checkpoint' | 'freePages' | 'growthPages'>;
  readonly #outbox: Pick<Outbox, 'makeRoomOnCard'>;
  readonly #ballast: Pick<Ballast, 'release'>;

  constructor(deps: {
    database: Pick<Database, 'checkpoint' | 'freePages' | 'growthPages'>;
    outbox: Pick<Outbox, 'makeRoomOnCard'>;
    ballast: Pick<Ballast, 'release'>;
  }) {
    this.#database = deps.database;
    this.#outbox = deps.outbox;
    this.#ballast = deps.ballast;
  }

  /** `attempt` counts from 1 for each commit; false: it is not worth another one. Never throws. */
  make(attempt: number): boolean {
    try {
      if (attempt === 1) return this.#makeOnCard();
      if (attempt > MAX_ATTEMPTS || this.#isCardFull()) return false;
      return this.#outbox.makeRoomOnCard() && this.#makeOnCard();
    } catch {
      return false;
    }
  }

  /** The file could grow and has free pages too: it is the card that is full, and giving up events would not help. */
  #isCardFull(): boolean {
    return this.#database.growthPages() > FEW_PAGES && this.#database.freePages() > FEW_PAGES;
  }

  /** After a checkpoint the log is written from its start again, in room that it has already. */
  #makeOnCard(): true {
    this.#ballast.release();
    try {
      this.#database.checkpoint();
    } catch {
      // The file has no room to grow for what is in the log: what is there stays there, and is whole.
    }
    return true;
  }
}
