import type { Region } from './glass.js';

/** Controller RAM of so many bits per pixel, written byte by byte from the origin of a window. */
export class RamPlane {
  readonly bits: Uint8Array;
  /** 1 for every byte that was written since the RAM was last lost. */
  readonly #known: Uint8Array;
  readonly #pixelsPerByte: number;
  readonly #stride: number;
  #window: Region = { x: 0, y: 0, width: 0, height: 0 };
  #written = 0;

  constructor({ width, height }: { width: number; height: number }, bitsPerPixel: 1 | 4 = 1) {
    this.#pixelsPerByte = 8 / bitsPerPixel;
    this.#stride = width / this.#pixelsPerByte;
    this.bits = new Uint8Array(this.#stride * height);
    this.#known = new Uint8Array(this.bits.length);
  }

  /** Power or sleep took the contents: what is read afterwards is anything. */
  lose(random: () => number): void {
    for (let at = 0; at < this.bits.length; at += 1) this.bits[at] = Math.floor(random() * 256);
    this.#known.fill(0);
  }

  /** Puts the pointer to the origin of a window whose edges fall on whole bytes. */
  begin(window: Region): void {
    this.#window = window;
    this.#written = 0;
  }

  /** Bytes that the window still takes. */
  get missing(): number {
    return this.#window.height * (this.#window.width / this.#pixelsPerByte) - this.#written;
  }

  /** Writes on from the pointer; returns how many bytes no longer had a place. */
  write(bytes: Uint8Array): number {
    const perRow = this.#window.width / this.#pixelsPerByte;
    const origin = this.#window.y * this.#stride + this.#window.x / this.#pixelsPerByte;
    const fits = Math.min(bytes.length, this.missing);
    let taken = 0;
    while (taken < fits) {
      const column = this.#written % perRow;
      const run = Math.min(perRow - column, fits - taken);
      const at = origin + Math.floor(this.#written / perRow) * this.#stride + column;
      this.bits.set(bytes.subarray(taken, taken + run), at);
      this.#known.fill(1, at, at + run);
      taken += run;
      this.#written += run;
    }
    return bytes.length - fits;
  }

  /** Takes over a window of another plane, as a chip does that copies NEW to OLD after a refresh. */
  copyFrom(other: RamPlane, window: Region): void {
    for (const [from, to] of this.#rows(window)) {
      this.bits.set(other.bits.subarray(from, to), from);
      this.#known.set(other.#known.subarray(from, to), from);
    }
  }

  /** Whether every byte of the window was written since the RAM was lost. */
  isKnown(window: Region): boolean {
    for (const [from, to] of this.#rows(window)) if (this.#known.subarray(from, to).includes(0)) return false;
    return true;
  }

  bitAt(x: number, y: number): 0 | 1 {
    return ((this.bits[y * this.#stride + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1 ? 1 : 0;
  }

  /** Of a plane of four bits per pixel. */
  nibbleAt(x: number, y: number): number {
    const byte = this.bits[y * this.#stride + (x >> 1)] ?? 0;
    return (x & 1) === 0 ? byte >> 4 : byte & 0x0f;
  }

  *#rows({ x, y, width, height }: Region): Generator<readonly [number, number]> {
    for (let row = y; row < y + height; row += 1) {
      const from = row * this.#stride + x / this.#pixelsPerByte;
      yield [from, from + width / this.#pixelsPerByte];
    }
  }
}
