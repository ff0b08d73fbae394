import { closeSync, fdatasync, openSync, statfsSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** What the log grows to before it is emptied, and some pages more: the commit that fills it is written to its end. */
const LOG_PAGES = 1064;
// Source: SQLite, WAL-mode file format: a header, and one before each page.
const LOG_BYTES = 32 + LOG_PAGES * (24 + 4096);
/** Only where it takes little of what is free. */
const ROOM_FACTOR = 8;

/**
 * Gives the write-ahead log of a database its whole size, so that no commit has to make its file longer: a flush that
 * changes the size of a file takes about twice as long. SQLite writes over what is here, and a frame of zeros is none.
 */
export class LogRoom {
  readonly #path: string;
  readonly #bytes: number;

  /** `path` is that of the database. */
  constructor({ path, bytes = LOG_BYTES }: { path: string; bytes?: number }) {
    this.#path = `${path}-wal`;
    this.#bytes = bytes;
  }

  /** Synchronous, as SQLite must not write in the middle of it. A card that refuses it may have a shorter log. */
  make(): void {
    try {
      const missing = this.#bytes - statSync(this.#path).size;
      if (missing > 0 && this.#hasRoom()) this.#lengthen(missing);
    } catch {
      // There is none, or the card does not take it.
    }
  }

  #hasRoom(): boolean {
    const { bavail, bsize } = statfsSync(dirname(this.#path));
    return bavail * bsize >= this.#bytes * ROOM_FACTOR;
  }

  #lengthen(missing: number): void {
    const file = openSync(this.#path, 'r+');
    try {
      writeSync(file, Buffer.alloc(missing), 0, missing, this.#bytes - missing);
    } finally {
      // Nobody waits for this flush; a commit that comes before it does the same.
      fdatasync(file, () => closeSync(file));
    }
  }
}
