import type { Mask } from '../frame/mask.js';
import type { Face } from './faces.js';

export type RunStyle = {
  sizePx: number;
  bold: boolean;
  face: Face;
  /** Digits of one width. */
  tabular?: boolean;
  /** BCP 47; chooses the shapes of letters that languages share, such as Han. */
  lang?: string;
  /** Where the line begins; left out, where the script of its first letter does. */
  rightToLeft?: boolean;
};

/** A line of text as it is drawn; its origin is where its advance starts, on the base line. */
export type TextRun = {
  mask: Mask;
  /** The mask's corner from the origin, x to the right, y down: `top` is above the base line when negative. */
  left: number;
  top: number;
  advancePx: number;
  /** Some character has no glyph in any font. */
  missing: boolean;
};
