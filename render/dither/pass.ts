import assert from 'node:assert';
import type { Kernel } from './kernel/kernel.js';
import { INK_OF } from './kernel/layout.js';

export type PassOptions = {
  kernel: Kernel;
  tables: Uint8Array;
  kind: 'grey' | 'colour';
  /** For each ink of the tables, its index in the frame. */
  inkOrder: readonly number[];
  width: number;
  height: number;
  bitsPerPixel: 1 | 2 | 4;
  mode: 'stable' | 'normal';
  /** Where on the sheet the first row begins. */
  origin: { x: number; y: number };
};

/** Rows that go through the kernel at once. */
const MOST_ROWS = 16;
/**
 * Rows that are diffused before the first, mirrored from below it: begun without an error to spread, the first rows of
 * an even area would come out as one line of a single ink.
 */
const WARM_UP_ROWS = 8;
const ALIGNED_TO = 16;

/** One picture on its way through the kernel: rows of RGB in, packed rows out as they are done. */
export class DitherPass {
  readonly #options: PassOptions;
  readonly #memory: Uint8Array;
  readonly #input: number;
  readonly #output: number;
  readonly #work: number;
  /** The first rows, until there are enough of them to warm up with. */
  #head: Uint8Array[] = [];
  #row = 0;

  constructor(options: PassOptions) {
    const { kernel, tables, inkOrder, width, bitsPerPixel } = options;
    this.#options = options;
    this.#input = aligned(tables.length);
    this.#output = this.#input + aligned(MOST_ROWS * width * 3);
    this.#work = this.#output + aligned(MOST_ROWS * rowBytesOf(width, bitsPerPixel));
    const workBytes = options.kind === 'grey' ? 8 * (width + 2) : 24 * (width + 2) + 16 * width;
    const end = this.#work + aligned(workBytes + width);
    this.#memory = kernel.memory(end);
    this.#memory.set(tables);
    this.#memory.set(inkOrder, INK_OF);
    this.#memory.fill(0, this.#work, end);
  }

  /**
   * Takes the next rows of RGB, whole ones, and gives the packed rows that are done: none as long as there are too few
   * rows to begin with.
   */
  push(rgb: Uint8Array): Uint8Array {
    const { width, height, mode } = this.#options;
    assert(rgb.length % (width * 3) === 0, `${rgb.length} bytes are not whole rows of ${width} pixels`);
    if (this.#row > 0 || mode === 'stable') return this.#through(rgb);
    this.#head.push(rgb);
    const [first = rgb] = this.#head;
    const known = this.#head.length === 1 ? first : Buffer.concat(this.#head);
    if (known.length < Math.min(WARM_UP_ROWS, height) * width * 3) return new Uint8Array();
    this.#head = [];
    for (let line = -WARM_UP_ROWS; line < 0; line += 1) {
      const from = Math.min(height - 1, -1 - line) * width * 3;
      this.#memory.set(known.subarray(from, from + width * 3), this.#input);
      this.#run(1, line);
    }
    return this.#through(known);
  }

  #through(rgb: Uint8Array): Uint8Array {
    const { width, height, bitsPerPixel } = this.#options;
    const rows = rgb.length / (width * 3);
    assert(this.#row + rows <= height, `more than ${height} rows`);
    const rowBytes = rowBytesOf(width, bitsPerPixel);
    const packed = new Uint8Array(rows * rowBytes);
    for (let done = 0; done < rows; done += MOST_ROWS) {
      const count = Math.min(MOST_ROWS, rows - done);
      this.#memory.set(rgb.subarray(done * width * 3, (done + count) * width * 3), this.#input);
      this.#run(count, this.#row);
      packed.set(this.#memory.subarray(this.#output, this.#output + count * rowBytes), done * rowBytes);
      this.#row += count;
    }
    return packed;
  }

  #run(rows: number, line: number): void {
    const { kernel, kind, inkOrder, width, bitsPerPixel, mode, origin } = this.#options;
    const [from, to, work, inks] = [this.#input, this.#output, this.#work, inkOrder.length];
    if (mode === 'stable') {
      const run = kind === 'grey' ? kernel.greyStable : kernel.colourStable;
      run(from, to, width, rows, origin.x, origin.y + line, bitsPerPixel, inks, work);
    } else if (kind === 'grey') {
      kernel.greyNormal(from, to, width, rows, line, bitsPerPixel, inks, work);
    } else {
      kernel.colourNormal(from, to, width, rows, line, bitsPerPixel, work);
    }
  }
}

function rowBytesOf(width: number, bitsPerPixel: number): number {
  return Math.ceil((width * bitsPerPixel) / 8);
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNED_TO) * ALIGNED_TO;
}
