import { RenderError } from '../errors.js';
import type { RenderTarget } from '../input.js';
import type { Bitmap } from '../text/fit.js';

/** A rectangle in whole pixels from the top left. */
export type Box = { x: number; y: number; width: number; height: number };

/** The box without a margin on each side. */
export function within({ x, y, width, height }: Box, margin: number): Box {
  return { x: x + margin, y: y + margin, width: width - 2 * margin, height: height - 2 * margin };
}

/** Pixels on a side that any panel we know stays below, and that keeps one frame's work within memory. */
const MOST_PIXELS_A_SIDE = 4096;
const LEAST_PIXELS_A_SIDE = 64;

/** A sheet of the panel's white, drawn on with ink indexes. What reaches past the edge is cut. */
export class Canvas {
  readonly box: Box;
  readonly indexes: Uint8Array;
  readonly #black: number;
  readonly #white: number;

  /** @throws `render.bad-target` */
  constructor({ width, height, inks }: RenderTarget) {
    for (const side of [width, height]) {
      if (Number.isInteger(side) && side >= LEAST_PIXELS_A_SIDE && side <= MOST_PIXELS_A_SIDE) continue;
      const limits = `${LEAST_PIXELS_A_SIDE} to ${MOST_PIXELS_A_SIDE}`;
      throw new RenderError('render.bad-target', `${width} x ${height}: a side has ${limits} pixels`);
    }
    this.#black = inks.indexOf('black');
    this.#white = inks.indexOf('white');
    if (this.#black < 0 || this.#white < 0 || inks.length > 16) {
      throw new RenderError(
        'render.bad-target',
        `inks ${inks.join(', ')}: black, white and at most 14 more are needed`,
      );
    }
    this.box = { x: 0, y: 0, width, height };
    this.indexes = new Uint8Array(width * height).fill(this.#white);
  }

  /** Draws every set pixel of the bitmap in black. */
  stamp(bitmap: Bitmap, left: number, top: number): void {
    for (let y = Math.max(0, -top); y < bitmap.height && top + y < this.box.height; y += 1) {
      for (let x = Math.max(0, -left); x < bitmap.width && left + x < this.box.width; x += 1) {
        if (bitmap.pixels[y * bitmap.width + x] === 0) continue;
        this.indexes[(top + y) * this.box.width + left + x] = this.#black;
      }
    }
  }

  /** Fills a rectangle with black. */
  fill({ x, y, width, height }: Box): void {
    this.stamp({ width, height, pixels: new Uint8Array(width * height).fill(1) }, x, y);
  }

  /** Lays ink indexes over the box, which they fill and which lies inside the sheet. */
  lay(indexes: Uint8Array, { x, y, width, height }: Box): void {
    for (let row = 0; row < height; row += 1) {
      this.indexes.set(indexes.subarray(row * width, (row + 1) * width), (y + row) * this.box.width + x);
    }
  }
}
