import { RenderError } from '../errors.js';
import type { Align } from '../input.js';
import { startsRightToLeft } from '../text/directions.js';
import type { Bitmap } from '../text/fit.js';
import type { Box, Canvas } from './canvas.js';

export type PlacedBlock = { bitmap: Bitmap; text: string; gapAfter: number };

/** The eye takes a stack for centred when it stands a little above the middle. */
const OPTICAL_MIDDLE = 0.48;

/**
 * Stamps blocks one above the other into the optical middle of the box.
 * @throws `render.nothing-to-show` when no character of any block has a glyph
 */
export function stampStack(canvas: Canvas, box: Box, blocks: readonly PlacedBlock[], align: Align): void {
  if (blocks.every(({ bitmap }) => bitmap.width === 0)) {
    throw new RenderError('render.nothing-to-show', 'no character of the text has a glyph');
  }
  const gaps = blocks.slice(0, -1).reduce((sum, { gapAfter }) => sum + gapAfter, 0);
  const height = blocks.reduce((sum, { bitmap }) => sum + bitmap.height, gaps);
  let top = box.y + Math.max(0, Math.round((box.height - height) * OPTICAL_MIDDLE));
  for (const { bitmap, text, gapAfter } of blocks) {
    canvas.stamp(bitmap, leftOf(bitmap, box, align, text), top);
    top += bitmap.height + gapAfter;
  }
}

function leftOf(bitmap: Bitmap, box: Box, align: Align, text: string): number {
  const spare = box.width - bitmap.width;
  if (align === 'centre') return box.x + Math.round(spare / 2);
  const atRight = (align === 'end') !== startsRightToLeft(text);
  return atRight ? box.x + spare : box.x;
}
