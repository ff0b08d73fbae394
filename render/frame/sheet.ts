import assert from 'node:assert';
import { createHash } from 'node:crypto';
import type { Frame } from '../../hardware/index.js';
import { RenderError } from '../errors.js';
import type { RenderTarget } from '../input.js';
import { type Box, overlapOf } from './box.js';
import type { Mask } from './mask.js';
import { bitsFor } from './pack.js';
import type { PackedRows } from './packed-rows.js';

/** Pixels on a side that any panel we know stays below, and that keeps one frame's work within memory. */
const MOST_PIXELS_A_SIDE = 4096;
const LEAST_PIXELS_A_SIDE = 64;
const MOST_INKS = 16;

/**
 * A sheet of the panel's white, drawn on in the packing of its frame. Whatever is drawn is cut at the edge of the sheet,
 * and at the edge of `clip` where one is given.
 */
export class Sheet {
  readonly box: Box;
  readonly bitsPerPixel: 1 | 2 | 4;
  readonly #stride: number;
  readonly #data: Uint8Array;

  /** @throws `render.bad-target` */
  constructor({ width, height, inks }: Pick<RenderTarget, 'width' | 'height' | 'inks'>) {
    for (const side of [width, height]) {
      if (Number.isInteger(side) && side >= LEAST_PIXELS_A_SIDE && side <= MOST_PIXELS_A_SIDE) continue;
      const limits = `${LEAST_PIXELS_A_SIDE} to ${MOST_PIXELS_A_SIDE}`;
      throw new RenderError('render.bad-target', `${width} x ${height}: a side has ${limits} pixels`);
    }
    const white = inks.indexOf('white');
    if (white < 0 || !inks.includes('black') || inks.length > MOST_INKS) {
      const facts = `inks ${inks.join(', ')}: black, white and at most ${MOST_INKS - 2} more are needed`;
      throw new RenderError('render.bad-target', facts);
    }
    this.box = { x: 0, y: 0, width, height };
    this.bitsPerPixel = bitsFor(inks.length);
    this.#stride = Math.ceil((width * this.bitsPerPixel) / 8);
    this.#data = new Uint8Array(this.#stride * height);
    this.fill(this.box, white);
  }

  /** Fills a rectangle with one ink. */
  fill(box: Box, ink: number, clip: Box = this.box): void {
    const part = this.#visible(box, clip);
    if (part === undefined) return;
    const { first, last, firstMask, lastMask } = this.#bytesOf(part);
    const value = this.#eightBitsOf(ink);
    for (let y = part.y; y < part.y + part.height; y += 1) {
      const row = y * this.#stride;
      this.#blend(row + first, value, firstMask);
      this.#data.fill(value, row + first + 1, row + last);
      if (last > first) this.#blend(row + last, value, lastMask);
    }
  }

  /** Draws the mask's set pixels in one ink. */
  stamp(mask: Mask, left: number, top: number, ink: number, clip: Box = this.box): void {
    const part = this.#visible({ x: left, y: top, width: mask.width, height: mask.height }, clip);
    if (part === undefined) return;
    const { first, last, firstMask, lastMask } = this.#bytesOf(part);
    const value = this.#eightBitsOf(ink);
    const spread = SPREAD[this.bitsPerPixel];
    const perByte = 8 / this.bitsPerPixel;
    const maskStride = Math.ceil(mask.width / 8);
    for (let y = part.y; y < part.y + part.height; y += 1) {
      const from = (y - top) * maskStride;
      const row = y * this.#stride;
      for (let at = first; at <= last; at += 1) {
        const set = bitsAt(mask.bits, from, maskStride, at * perByte - left) >> (8 - perByte);
        if (set === 0) continue;
        let where = spread[set] ?? 0;
        if (at === first) where &= firstMask;
        if (at === last) where &= lastMask;
        this.#blend(row + at, value, where);
      }
    }
  }

  /** Lays packed pixels of the same packing over what is there. */
  lay(rows: PackedRows, left: number, top: number, clip: Box = this.box): void {
    assert(rows.bitsPerPixel === this.bitsPerPixel, `${rows.bitsPerPixel} bits laid on ${this.bitsPerPixel}`);
    const part = this.#visible({ x: left, y: top, width: rows.width, height: rows.height }, clip);
    if (part === undefined) return;
    const { first, last, firstMask, lastMask } = this.#bytesOf(part);
    const stride = Math.ceil((rows.width * rows.bitsPerPixel) / 8);
    const shift = -left * this.bitsPerPixel;
    for (let y = part.y; y < part.y + part.height; y += 1) {
      const from = (y - top) * stride;
      const row = y * this.#stride;
      this.#blend(row + first, bitsAt(rows.data, from, stride, first * 8 + shift), firstMask);
      if (shift % 8 === 0) {
        const start = from + first + 1 + shift / 8;
        if (last > first + 1) this.#data.set(rows.data.subarray(start, start + last - first - 1), row + first + 1);
      } else {
        for (let at = first + 1; at < last; at += 1) {
          this.#data[row + at] = bitsAt(rows.data, from, stride, at * 8 + shift);
        }
      }
      if (last > first) this.#blend(row + last, bitsAt(rows.data, from, stride, last * 8 + shift), lastMask);
    }
  }

  /** The frame as it is drawn so far. */
  toFrame(): Frame {
    const { width, height } = this.box;
    const data = Uint8Array.from(this.#data);
    const sha256 = createHash('sha256').update(data).digest('hex');
    return { width, height, bitsPerPixel: this.bitsPerPixel, data, sha256 };
  }

  #visible(box: Box, clip: Box): Box | undefined {
    const part = overlapOf(overlapOf(box, clip), this.box);
    return part.width === 0 || part.height === 0 ? undefined : part;
  }

  /** The first and last byte of a row that the box has pixels in, and which bits of them are its own. */
  #bytesOf({ x, width }: Box): { first: number; last: number; firstMask: number; lastMask: number } {
    const startBit = x * this.bitsPerPixel;
    const endBit = (x + width) * this.bitsPerPixel;
    const first = startBit >> 3;
    const last = (endBit - 1) >> 3;
    const fromStart = 0xff >> (startBit & 7);
    const toEnd = (0xff << (last * 8 + 8 - endBit)) & 0xff;
    return first === last
      ? { first, last, firstMask: fromStart & toEnd, lastMask: fromStart & toEnd }
      : { first, last, firstMask: fromStart, lastMask: toEnd };
  }

  #eightBitsOf(ink: number): number {
    assert(Number.isInteger(ink) && ink >= 0 && ink < 1 << this.bitsPerPixel, `ink ${ink}`);
    return ink * (0xff / ((1 << this.bitsPerPixel) - 1));
  }

  #blend(at: number, value: number, where: number): void {
    this.#data[at] = ((this.#data[at] ?? 0) & ~where) | (value & where);
  }
}

/** Eight bits of a packed row from any bit on; those outside the row are 0. */
function bitsAt(bytes: Uint8Array, from: number, stride: number, bit: number): number {
  const at = bit >> 3;
  const high = at >= 0 && at < stride ? (bytes[from + at] ?? 0) : 0;
  const low = at + 1 >= 0 && at + 1 < stride ? (bytes[from + at + 1] ?? 0) : 0;
  return (((high << 8) | low) >> (8 - (bit & 7))) & 0xff;
}

/** One bit for each pixel of a byte to every bit of these pixels. */
const SPREAD = { 1: spreadTable(1), 2: spreadTable(2), 4: spreadTable(4) } as const;

function spreadTable(bitsPerPixel: 1 | 2 | 4): Uint8Array {
  const perByte = 8 / bitsPerPixel;
  const ones = (1 << bitsPerPixel) - 1;
  return Uint8Array.from({ length: 1 << perByte }, (_, set) => {
    let byte = 0;
    for (let pixel = 0; pixel < perByte; pixel += 1) if ((set >> pixel) & 1) byte |= ones << (pixel * bitsPerPixel);
    return byte;
  });
}
