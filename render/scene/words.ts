import type { Align } from '../input.js';
import { fitText } from '../text/fit.js';
import type { Box, Canvas } from './canvas.js';
import { type PlacedBlock, stampStack } from './stack.js';

/** Title and text as `cleanText` leaves them; empty means there is none. */
export type Words = { title: string; text: string; align: Align };

/** What the largest letters take of the height of their box, so that two lines of them stand comfortably. */
const LARGEST_OF_HEIGHT = 0.36;
const TITLE_OF_HEIGHT = 0.4;
const TITLE_LETTERS_OF_HEIGHT = 0.16;
const TEXT_OF_TITLE = 0.85;
const GAP_OF_TITLE = 0.55;

/**
 * Draws the title and the text as large as the box allows, the text never larger than the title.
 * @throws `render.nothing-to-show` when no character has a glyph
 */
export async function drawWords(canvas: Canvas, box: Box, words: Words, minPx: number): Promise<void> {
  const { title, text, align } = words;
  const both = title !== '' && text !== '';
  const blocks: PlacedBlock[] = [];
  const width = box.width;
  let height = box.height;
  let maxPx = Math.max(minPx, Math.floor(height * LARGEST_OF_HEIGHT));
  if (title !== '') {
    const limits = both
      ? { height: height * TITLE_OF_HEIGHT, maxPx: Math.max(minPx, Math.floor(height * TITLE_LETTERS_OF_HEIGHT)) }
      : { height, maxPx };
    const { bitmap, sizePx } = await fitText(title, { width, ...limits, minPx, bold: true, align });
    const gapAfter = Math.round(sizePx * GAP_OF_TITLE);
    blocks.push({ bitmap, text: title, gapAfter });
    height -= bitmap.height + gapAfter;
    maxPx = Math.max(minPx, Math.round(sizePx * TEXT_OF_TITLE));
  }
  if (text !== '') {
    const { bitmap } = await fitText(text, { width, height, maxPx, minPx, bold: false, align });
    blocks.push({ bitmap, text, gapAfter: 0 });
  }
  stampStack(canvas, box, blocks, align);
}
