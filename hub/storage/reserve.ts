import type { Ballast } from './ballast.js';
import type { Database } from './database.js';

/** What an acknowledgement may need besides the pages that it frees. */
const FEW_PAGES = 16;

/**
 * The room that the ballast gave is for the log of acknowledgements and drops: until it is aboard again the file itself
 * does not grow, so that new events take only the place of older ones.
 */
export class Reserve {
  readonly #ballast: Pick<Ballast, 'release' | 'restore' | 'isKept'>;
  readonly #database: Pick<Database, 'limitGrowth'>;

  constructor({
    ballast,
    database,
  }: {
    ballast: Pick<Ballast, 'release' | 'restore' | 'isKept'>;
    database: Pick<Database, 'limitGrowth'>;
  }) {
    this.#ballast = ballast;
    this.#database = database;
  }

  /** False if there was none. */
  release(): boolean {
    const wasAboard = this.#ballast.release();
    if (wasAboard) this.hold();
    return wasAboard;
  }

  /** The ballast is gone: what it gave is not for the file. */
  hold(): void {
    this.#database.limitGrowth(FEW_PAGES);
  }

  /** Whether the ballast is aboard, whole. */
  isKept(): Promise<boolean> {
    return this.#ballast.isKept();
  }

  /** Takes ballast in again where there is room for it; whether it is aboard. @throws HubError `storage.failing` */
  async restore(): Promise<boolean> {
    const isAboard = await this.#ballast.restore();
    if (isAboard) this.#database.limitGrowth();
    return isAboard;
  }
}
