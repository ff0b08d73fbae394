import type { Align } from '../input.js';
import type { Face } from './faces.js';
import type { TextRun } from './text-run.js';

export type TextBlock = {
  /** Lines and paragraphs end where it says so. */
  text: string;
  /** Room in pixels; may be `Infinity`. */
  width: number;
  /** Left out: as high as it comes. */
  height?: number;
  /** A range: as large as fits. */
  size: number | { minPx: number; maxPx: number };
  bold?: boolean;
  face?: Face;
  /** `start` unless it says otherwise; each paragraph starts where its script does. */
  align?: Align;
  lang?: string;
  /** Digits of one width; then lines are aligned by their advance, so that a clock stays put. */
  tabular?: boolean;
  maxLines?: number;
  /** Distance of base lines as a multiple of the size; left out, what suits the size. */
  lineHeight?: number;
  /** false: lines break only where the text breaks them. */
  wrap?: boolean;
};

/** Where `run`'s origin goes, in pixels from the top left of the room that the block was given. */
export type LaidLine = { x: number; baselineY: number; run: TextRun };

export type LaidText = {
  /** Of the widest line. */
  width: number;
  /**
   * At a fixed size from the height of a tall letter over the first base line to the depth of a deep one below the last,
   * whatever letters there are; in a range of sizes that of the ink, and 0 is where the ink begins.
   */
  height: number;
  sizePx: number;
  /** Some of the text did not fit, and an ellipsis stands for it. */
  cut: boolean;
  /** Some character has no glyph in any font. */
  missing: boolean;
  lines: readonly LaidLine[];
};
