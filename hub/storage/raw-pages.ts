import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { walFrames } from './wal-frames.js';

/** The pages of a database file as they are on the card, without asking SQLite whether they make sense. */
export class RawPages {
  readonly pageBytes: number;
  /** Pages are numbered from 1 to this. */
  readonly count: number;
  readonly #file: number;
  readonly #wal: number | undefined;
  readonly #frames: ReadonlyMap<number, number> = new Map();
  /** Pages that the card would not give. */
  unreadable = 0;

  constructor(path: string, pageBytes: number) {
    this.pageBytes = pageBytes;
    this.#file = openSync(path, 'r');
    this.#wal = openIfThere(`${path}-wal`);
    if (this.#wal !== undefined) this.#frames = walFrames(this.#wal, fstatSync(this.#wal).size, pageBytes);
    const inFile = Math.ceil(fstatSync(this.#file).size / pageBytes);
    this.count = [...this.#frames.keys()].reduce((most, page) => Math.max(most, page), inFile);
  }

  /** A page of zeros where there is none. */
  page(number: number): Buffer {
    const page = Buffer.alloc(this.pageBytes);
    const frame = this.#frames.get(number);
    try {
      if (frame !== undefined && this.#wal !== undefined) readSync(this.#wal, page, 0, this.pageBytes, frame);
      else readSync(this.#file, page, 0, this.pageBytes, (number - 1) * this.pageBytes);
    } catch {
      this.unreadable += 1;
      return page.fill(0);
    }
    return page;
  }

  close(): void {
    closeSync(this.#file);
    if (this.#wal !== undefined) closeSync(this.#wal);
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch {
    return undefined;
  }
}
