import { cleanText } from './clean.js';
import type { TextBlock } from './text-block.js';

/** Narrow letters such as `i` take this much of the size squared, line distance included, and this much of its width. */
const NARROW_LETTER_AREA = 0.24;
const NARROW_LETTER_WIDTH = 0.2;
/** Lines are never nearer than this multiple of the size. */
const TIGHTEST_LINE = 0.5;
/** What no sheet is larger than, in pixels a side. */
const MOST_PIXELS_A_SIDE = 4096;

/**
 * The paragraphs of a block, without what could not be seen even if its letters were the narrowest and the smallest: so
 * the work that a text makes is bounded by the room it is given.
 */
export function paragraphsOf({ text, width, height, size, maxLines }: TextBlock): string[] {
  const leastPx = Math.max(1, typeof size === 'number' ? size : size.minPx);
  const roomWidth = Math.min(width, MOST_PIXELS_A_SIDE);
  const roomHeight = Math.min(height ?? MOST_PIXELS_A_SIDE, MOST_PIXELS_A_SIDE);
  const lines = Math.min(maxLines ?? Number.MAX_SAFE_INTEGER, Math.ceil(roomHeight / (leastPx * TIGHTEST_LINE)) + 1);
  const byArea = (roomWidth * roomHeight) / (NARROW_LETTER_AREA * leastPx ** 2);
  const byLines = (lines * roomWidth) / (NARROW_LETTER_WIDTH * leastPx);
  const letters = Math.ceil(Math.min(byArea + roomWidth / (NARROW_LETTER_WIDTH * leastPx), byLines)) + 1;
  // Twice as much is read as is kept: cleaning takes some away.
  const clean = cleanText(text.slice(0, 2 * letters + 1024)).replaceAll(SOFT_HYPHEN, '');
  return clean
    .slice(0, letters)
    .replace(/[\ud800-\udbff]$/, '')
    .split('\n', lines + 1);
}

/** Words are not hyphenated. */
const SOFT_HYPHEN = '\u00ad';
