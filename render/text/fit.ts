import type { Mask } from '../frame/mask.js';
import type { Align } from '../input.js';
import { keptRuns } from './kept-runs.js';
import { layText } from './lay-text.js';

export type FitOptions = {
  width: number;
  height: number;
  minPx: number;
  maxPx: number;
  bold: boolean;
  align: Align;
};

/** One byte per pixel, rows first: 0 where paper stays, anything else where ink goes. */
export type Bitmap = { width: number; height: number; pixels: Uint8Array };

export type FittedText = { bitmap: Bitmap; sizePx: number };

/** Draws the text as large as the box allows, cut to its ink; what does not fit at the least size ends in an ellipsis. */
export async function fitText(text: string, { minPx, maxPx, ...room }: FitOptions): Promise<FittedText> {
  const { lines, sizePx } = await layText({ ...room, text, size: { minPx, maxPx } }, keptRuns);
  const masks = lines
    .filter(({ run }) => run.mask.width > 0)
    .map(({ x, baselineY, run }) => ({ mask: run.mask, left: x + run.left, top: baselineY + run.top }));
  return { bitmap: bitmapOf(masks), sizePx };
}

function bitmapOf(masks: readonly { mask: Mask; left: number; top: number }[]): Bitmap {
  if (masks.length === 0) return { width: 0, height: 0, pixels: new Uint8Array() };
  const fromX = Math.min(...masks.map(({ left }) => left));
  const fromY = Math.min(...masks.map(({ top }) => top));
  const width = Math.max(...masks.map(({ mask, left }) => left + mask.width)) - fromX;
  const height = Math.max(...masks.map(({ mask, top }) => top + mask.height)) - fromY;
  const pixels = new Uint8Array(width * height);
  for (const { mask, left, top } of masks) {
    for (let y = 0; y < mask.height; y += 1) {
      const from = y * ((mask.width + 7) >> 3);
      const to = (top - fromY + y) * width + left - fromX;
      for (let x = 0; x < mask.width; x += 1) {
        if ((mask.bits[from + (x >> 3)] ?? 0) & (0x80 >> (x & 7))) pixels[to + x] = 1;
      }
    }
  }
  return { width, height, pixels };
}
