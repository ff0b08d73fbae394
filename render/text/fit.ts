import type { Align } from '../input.js';
import { type Bitmap, drawText, type TextStyle } from './draw.js';

export type FitOptions = {
  width: number;
  height: number;
  minPx: number;
  maxPx: number;
  bold: boolean;
  align: Align;
};

export type FittedText = { bitmap: Bitmap; sizePx: number };

/** Narrow letters such as `i` take this much of the size squared, line distance included. */
const NARROW_LETTER_AREA = 0.24;
/** Lines are never nearer than this multiple of the size, and the first and last together miss this share of one. */
const TIGHTEST_LINE = 1.12;
const LINE_WITHOUT_INK = 0.6;
/** A word that would need a size below `width / 24` to stand on one line is broken instead. */
const LETTERS_BEFORE_BREAKING = 24;
const WORD_PROBE_PX = 32;
const WORDS_PROBED = 12;
const MOST_BALANCED_LINES = 6;
const MOST_TRIALS = 10;
const ELLIPSIS = '…';

/** Draws the text as large as the box allows; what does not fit at the least size ends in an ellipsis. */
export async function fitText(wholeText: string, options: FitOptions): Promise<FittedText> {
  const { width, height, minPx } = options;
  const text = withoutHopelessRest(wholeText, options);
  const wordWidth = await widestWord(text, options);
  const wordBoundPx = Math.floor((WORD_PROBE_PX * width) / Math.max(1, wordWidth));
  const areaBoundPx = Math.floor(Math.sqrt((width * height) / (NARROW_LETTER_AREA * text.length)));
  const linesBoundPx = Math.floor(height / (text.split('\n').length - LINE_WITHOUT_INK) / TIGHTEST_LINE);
  const mostPx = Math.min(
    options.maxPx,
    areaBoundPx,
    linesBoundPx,
    Math.max(wordBoundPx, width / LETTERS_BEFORE_BREAKING),
  );
  const largest = await largestThatFits(text, options, Math.max(minPx, Math.floor(mostPx)));
  if (largest === undefined) return { bitmap: await cutToFit(text, options), sizePx: minPx };
  const bitmap = await balance(text, options, largest, (wordWidth * largest.sizePx) / WORD_PROBE_PX);
  return { bitmap, sizePx: largest.sizePx };
}

/** The text without what could not be seen even if its letters were the narrowest and the smallest. */
function withoutHopelessRest(text: string, { width, height, minPx }: FitOptions): string {
  const letters = Math.ceil((width * height) / (NARROW_LETTER_AREA * minPx ** 2));
  const lines = Math.ceil(height / (minPx * TIGHTEST_LINE)) + 1;
  return text
    .slice(0, letters + 1)
    .split('\n', lines + 1)
    .join('\n');
}

/** Width of the widest word at the probe size, in pixels. */
async function widestWord(text: string, { bold }: FitOptions): Promise<number> {
  const words = [...new Set(text.slice(0, 4 * 1024).split(/\s+/))].sort((a, b) => b.length - a.length);
  const probe = words.slice(0, WORDS_PROBED).map((word) => word.slice(0, 100));
  const style = { sizePx: WORD_PROBE_PX, bold, align: 'start', wrapPx: undefined, lineHeight: 1.2 } as const;
  return (await drawText(probe.join('\n'), style)).width;
}

async function largestThatFits(text: string, options: FitOptions, mostPx: number): Promise<FittedText | undefined> {
  let best: FittedText | undefined;
  let fits = options.minPx - 1;
  let fails = mostPx + 1;
  let sizePx = mostPx;
  for (let trial = 0; trial < MOST_TRIALS && fails - fits > Math.max(1, fits / 40); trial += 1) {
    const bitmap = await drawText(text, styleFor(sizePx, options));
    if (isWithin(bitmap, options)) {
      best = { bitmap, sizePx };
      fits = sizePx;
    } else {
      fails = sizePx;
    }
    const guess = sizePx * Math.sqrt(options.height / Math.max(1, bitmap.height));
    const middle = Math.floor((fits + fails) / 2);
    sizePx = trial < 2 ? Math.min(fails - 1, Math.max(fits + 1, Math.floor(guess))) : Math.max(fits + 1, middle);
  }
  return best;
}

/** Breaks the same number of lines as evenly as they go, so that no line is left with one short word. */
async function balance(
  text: string,
  options: FitOptions,
  { bitmap, sizePx }: FittedText,
  wordWidth: number,
): Promise<Bitmap> {
  const style = styleFor(sizePx, options);
  const pitch = sizePx * style.lineHeight;
  const lines = Math.round(bitmap.height / pitch + 0.3);
  if (lines < 2 || lines > MOST_BALANCED_LINES || wordWidth > options.width) return bitmap;
  const tallest = Math.min(options.height, bitmap.height + pitch / 2);
  let best = bitmap;
  let tooNarrow = Math.max(wordWidth, bitmap.width / lines);
  let wideEnough = bitmap.width;
  while (wideEnough - tooNarrow > sizePx / 4) {
    const wrapPx = Math.ceil((tooNarrow + wideEnough) / 2);
    const narrower = await drawText(text, { ...style, wrapPx });
    if (narrower.height <= tallest) {
      best = narrower;
      wideEnough = wrapPx;
    } else {
      tooNarrow = wrapPx;
    }
  }
  return best;
}

/** As much of the start of the text as fits at the least size. */
async function cutToFit(text: string, options: FitOptions): Promise<Bitmap> {
  const { height, minPx } = options;
  const style = styleFor(minPx, options);
  let best = await drawText(ELLIPSIS, style);
  let fits = 0;
  let fails = text.length;
  let length = fails;
  for (let trial = 0; trial < MOST_TRIALS && fails - fits > 8; trial += 1) {
    const bitmap = await drawText(shorten(text, length), style);
    if (isWithin(bitmap, options)) {
      best = bitmap;
      fits = length;
    } else {
      fails = length;
    }
    const guess = Math.floor(length * (height / Math.max(1, bitmap.height)));
    length = trial < 3 ? Math.min(fails - 1, Math.max(fits + 1, guess)) : Math.floor((fits + fails) / 2);
  }
  return best;
}

/** The first so many UTF-16 units, cut back to the end of a word or at least of a letter. */
function shorten(text: string, length: number): string {
  const start = text.slice(0, length);
  const atWord = /^(.*\S)\s+\S{0,24}$/s.exec(start)?.[1];
  const kept = atWord ?? start.replace(/[\p{Surrogate}\p{M}\u200d]+$/u, '');
  return `${kept.replace(/[\s.,;:!?…-]+$/u, '')}${ELLIPSIS}`;
}

function isWithin(bitmap: Bitmap, { width, height }: FitOptions): boolean {
  return bitmap.width <= width && bitmap.height <= height;
}

function styleFor(sizePx: number, { bold, align, width }: FitOptions): TextStyle {
  return { sizePx, bold, align, wrapPx: width, lineHeight: lineHeightFor(sizePx) };
}

/** Small text needs air between its lines, large text falls apart with as much. */
function lineHeightFor(sizePx: number): number {
  const small = 20;
  const large = 80;
  const share = Math.min(1, Math.max(0, (sizePx - small) / (large - small)));
  return 1.32 - 0.2 * share;
}
