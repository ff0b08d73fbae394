import type { Frame } from './frame.js';
import { rowBytes } from './frame.js';
import type { PixelWindow } from './panel-spec.js';

/** Where and how much two frames of one geometry differ. */
export interface Difference {
  /** The smallest window on whole bytes that holds every change. */
  readonly window: PixelWindow;
  readonly changedPixels: number;
}

/** Compares two frames of one geometry; undefined if they are the same. */
export function difference(before: Frame, after: Frame): Difference | undefined {
  if (before.sha256 === after.sha256) return undefined;
  const stride = rowBytes(after.width, after.bitsPerPixel);
  let top = after.height;
  let bottom = -1;
  let left = stride;
  let right = -1;
  let changedPixels = 0;
  for (let row = 0; row < after.height; row += 1) {
    for (let column = 0; column < stride; column += 1) {
      const at = row * stride + column;
      const changed = (before.data[at] ?? 0) ^ (after.data[at] ?? 0);
      if (changed === 0) continue;
      changedPixels += pixelsIn(changed, after.bitsPerPixel);
      if (row < top) top = row;
      bottom = row;
      if (column < left) left = column;
      if (column > right) right = column;
    }
  }
  if (bottom < 0) return undefined;
  const pixelsPerByte = 8 / after.bitsPerPixel;
  const x = left * pixelsPerByte;
  const width = Math.min((right + 1) * pixelsPerByte, after.width) - x;
  return { window: { x, y: top, width, height: bottom - top + 1 }, changedPixels };
}

function pixelsIn(changed: number, bitsPerPixel: 1 | 2 | 4): number {
  const mask = (1 << bitsPerPixel) - 1;
  let pixels = 0;
  for (let rest = changed; rest !== 0; rest >>>= bitsPerPixel) if ((rest & mask) !== 0) pixels += 1;
  return pixels;
}
