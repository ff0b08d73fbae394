import type { Mask } from '../frame/mask.js';
import type { Align } from '../input.js';
import { cleanText, startsRightToLeft } from '../text/clean.js';
import { fitText } from '../text/fit.js';
import { maskOf } from './mask-of.js';

/** A text and the box that it is set into. */
export type LettersAsked = {
  text: string;
  width: number;
  height?: number;
  size: number | { minPx: number; maxPx: number };
  bold?: boolean;
  face?: 'interface' | 'reading' | 'mono' | 'pixel';
  align?: Align;
  lang?: string;
  tabular?: boolean;
  maxLines?: number;
  lineHeight?: number;
  wrap?: boolean;
};

/** A text that is set: masks by their corner in the box. */
export type Letters = {
  width: number;
  height: number;
  sizePx: number;
  cut: boolean;
  missing: boolean;
  masks: readonly { mask: Mask; left: number; top: number }[];
};

const NO_LETTERS: Letters = { width: 0, height: 0, sizePx: 0, cut: false, missing: false, masks: [] };
const ANY_HEIGHT = 8_000;

/** Sets a text. */
export async function setLetters(asked: LettersAsked): Promise<Letters> {
  const text = cleanText(asked.text);
  const { width, height = ANY_HEIGHT, size, bold = false, align = 'start' } = asked;
  if (text === '' || width < 1 || height < 1) return NO_LETTERS;
  const [minPx, maxPx] = typeof size === 'number' ? [size, size] : [size.minPx, size.maxPx];
  const lines = asked.maxLines === undefined ? height : Math.min(height, asked.maxLines * maxPx * 1.4);
  const { bitmap, sizePx } = await fitText(text, { width, height: lines, minPx, maxPx, bold, align });
  const spare = width - bitmap.width;
  const isAtEnd = (align === 'end') !== startsRightToLeft(text);
  const left = align === 'centre' ? Math.floor(spare / 2) : isAtEnd ? spare : 0;
  const masks = [{ mask: maskOf(bitmap), left, top: 0 }];
  return { width: bitmap.width, height: bitmap.height, sizePx, cut: false, missing: false, masks };
}
