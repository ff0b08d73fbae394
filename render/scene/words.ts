import type { Align } from '../input.js';
import { fitText } from '../text/fit.js';
import type { Box, Canvas } from './canvas.js';
import { type PlacedBlock, stampStack } from './stack.js';

/** Title and text as `cleanText` leaves them; empty means there is none. */
export type Words = { title: string; text: string; align: Align };

/** What the largest letters take of the height of their box, so that two lines of them stand comfortably. */
const LARGEST_OF_HEIGHT = 0.3;
/** A time, a number, a greeting: one line that may fill the sheet. */
const ONE_WORD_LETTERS = 8;
const LARGEST_WORD_OF_HEIGHT = 0.5;
const TITLE_OF_HEIGHT = 0.4;
const TITLE_LETTERS_OF_HEIGHT = 0.16;
const TEXT_OF_TITLE = 0.75;
const GAP_OF_TITLE = 0.55;

/** A title further than this above its text looks like a shout. */
const MOST_TITLE_OF_TEXT = 2.2;

/**
 * Draws the title and the text as large as the box allows, the text never larger than the title.
 * @throws `render.nothing-to-show` when no character has a glyph
 */
export async function drawWords(canvas: Canvas, box: Box, words: Words, minPx: number): Promise<void> {
  const { title, text, align } = words;
  if (title === '' || text === '') {
    const only = title === '' ? text : title;
    const share = only.length <= ONE_WORD_LETTERS ? LARGEST_WORD_OF_HEIGHT : LARGEST_OF_HEIGHT;
    const maxPx = Math.max(minPx, Math.floor(box.height * share));
    const limits = { width: box.width, height: box.height, minPx, maxPx, bold: title !== '', align };
    stampStack(canvas, box, [{ bitmap: (await fitText(only, limits)).bitmap, text: only, gapAfter: 0 }], align);
    return;
  }
  const titlePx = Math.max(minPx, Math.floor(box.height * TITLE_LETTERS_OF_HEIGHT));
  let both = await titleAndText(box, words, minPx, titlePx);
  const calmPx = Math.round(both.textPx * MOST_TITLE_OF_TEXT);
  if (both.titlePx > calmPx) both = await titleAndText(box, words, minPx, calmPx);
  stampStack(canvas, box, both.blocks, align);
}

async function titleAndText(
  { width, height }: Box,
  { title, text, align }: Words,
  minPx: number,
  mostTitlePx: number,
): Promise<{ blocks: PlacedBlock[]; titlePx: number; textPx: number }> {
  const titleLimits = { width, height: height * TITLE_OF_HEIGHT, minPx, maxPx: mostTitlePx, bold: true, align };
  const above = await fitText(title, titleLimits);
  const gapAfter = Math.round(above.sizePx * GAP_OF_TITLE);
  const textLimits = { width, height: height - above.bitmap.height - gapAfter, minPx, bold: false, align };
  const below = await fitText(text, {
    ...textLimits,
    maxPx: Math.max(minPx, Math.round(above.sizePx * TEXT_OF_TITLE)),
  });
  const blocks = [
    { bitmap: above.bitmap, text: title, gapAfter },
    { bitmap: below.bitmap, text, gapAfter: 0 },
  ];
  return { blocks, titlePx: above.sizePx, textPx: below.sizePx };
}
