import sharp from 'sharp';
import { maskOf } from '../frame/mask.js';
import { escapeMarkup } from './clean.js';
import { closeDirections } from './directions.js';
import { familiesFor } from './faces.js';
import type { RunStyle, TextRun } from './text-run.js';

export type StripLine = { text: string; style: RunStyle & { rightToLeft: boolean } };
/** `failed`: the library could not draw it. */
export type DrawnLine = Omit<TextRun, 'missing'> & { failed: boolean };

/**
 * The library crops a text to its ink and tells neither base line nor advance. So every line stands between two struts,
 * whose ink is known, with a gap that no letter reaches across: they begin and end where the advance does, and stand on
 * the base line. A test compares these figures with what is drawn.
 */
const STRUT = { letter: 'I', font: 'Inter 16', advancePx: 4, bearingPx: 1, inkWidthPx: 1, inkHeightPx: 12 } as const;
const GAP = '\u2003';
const GAP_PX = 16;
/** What ink may lie outside its advance, as a multiple of the size; there is a gap more besides. */
const OVERHANG = 0.6;
const FAR_OVERHANG = 12;
const ISOLATE = { leftToRight: '\u2066', rightToLeft: '\u2067', end: '\u2069' } as const;
/** What looks like a language tag (BCP 47); anything else would be refused by the library, or read as markup. */
const LANGUAGE_TAG = /^[A-Za-z0-9-]{2,35}$/;
/** Inter's ascender and descender (table hhea), which every line is at least as high as, as multiples of the size. */
const ASCENT = 0.969;
const DESCENT = 0.241;
/** Marks on marks reach as high as they like: no place between two lines would be certain to be free of them. */
const TOWER = /\p{M}{3}/u;
/** Between lines, as a multiple of the largest size: half of it is more than letters reach out of their line. */
const SPACING = 0.7;
/** Cairo draws nothing past 32,767 pixels on a side; bytes of one call are bounded besides. */
const MOST_LINES = 128;
const MOST_PIXELS = 3_000_000;
/** An average letter and its line, as multiples of the size; a wrong guess costs some memory and nothing else. */
const LETTER_WIDTH = 0.6;
const LINE_HEIGHT = 1.3;

/** Draws lines in two levels, many with one call of the library; what comes out is what each alone would give. */
export async function drawStrips(lines: readonly StripLine[]): Promise<DrawnLine[]> {
  const bySize = lines.map((line, at) => ({ line, at })).sort((a, b) => a.line.style.sizePx - b.line.style.sizePx);
  const drawn: DrawnLine[] = [];
  for (let from = 0; from < bySize.length; ) {
    const count = countForOneCall(bySize.slice(from, from + MOST_LINES).map(({ line }) => line));
    const part = bySize.slice(from, from + count);
    const results = await drawStrip(part.map(({ line }) => line));
    for (const [index, { at }] of part.entries()) {
      const result = results[index];
      if (result !== undefined) drawn[at] = result;
    }
    from += count;
  }
  return drawn;
}

function countForOneCall(lines: readonly StripLine[]): number {
  let width = 0;
  let height = 0;
  for (const [count, { text, style }] of lines.entries()) {
    if (TOWER.test(text)) return Math.max(1, count);
    width = Math.max(width, (text.length * LETTER_WIDTH + 2) * style.sizePx + 4 * GAP_PX);
    height += Math.max(style.sizePx, GAP_PX) * (LINE_HEIGHT + SPACING);
    if (width * height > MOST_PIXELS) return Math.max(1, count);
  }
  return lines.length;
}

/** All lines with one call, or half by half where they cannot be told apart. */
async function drawStrip(lines: readonly StripLine[]): Promise<DrawnLine[]> {
  const drawn = lines.length > 1 ? await tryToDraw(lines, OVERHANG) : undefined;
  if (drawn !== undefined) return drawn;
  const [line] = lines;
  if (line === undefined) return [];
  if (lines.length === 1) return [await drawAlone(line)];
  const half = lines.length >> 1;
  return [...(await drawStrip(lines.slice(0, half))), ...(await drawStrip(lines.slice(half)))];
}

/**
 * A glyph that the library fails at, such as U+FDFD of Noto Sans Arabic Bold, takes all that comes after it along: so
 * its line is tried in regular weight, and is left out as the last resort.
 */
async function drawAlone(line: StripLine): Promise<DrawnLine> {
  const { text, style } = line;
  const regular = { text, style: { ...style, bold: false } };
  const [drawn] =
    (await tryToDraw([line], OVERHANG)) ??
    (await tryToDraw([line], FAR_OVERHANG)) ??
    (await tryToDraw([regular], FAR_OVERHANG)) ??
    [];
  return drawn ?? { ...NOTHING, failed: true };
}

async function tryToDraw(lines: readonly StripLine[], overhang: number): Promise<DrawnLine[] | undefined> {
  const image = await draw(lines, overhang);
  if (image === undefined) {
    const [line] = lines;
    if (lines.length > 1 || line === undefined) return undefined;
    // Half of what is wider than any sheet still is, or can be halved again.
    return tryToDraw([{ text: firstHalf(line.text), style: line.style }], overhang);
  }
  const bands = bandsOf(image, lines);
  return bands?.map((band, at) => cut(image, gapsFor(lines[at]?.style.sizePx ?? 0, overhang) * GAP_PX, band));
}

type Image = { width: number; height: number; pixels: Uint8Array };
type Band = { baseline: number; strutRight: number; top: number; bottom: number };

async function draw(lines: readonly StripLine[], overhang: number): Promise<Image | undefined> {
  const largestPx = Math.max(...lines.map(({ style }) => style.sizePx));
  try {
    const { data, info } = await sharp({
      text: {
        text: lines.map((line) => markupOf(line, overhang)).join('\n'),
        font: STRUT.font,
        dpi: 72,
        wrap: 'none',
        spacing: Math.ceil(Math.max(largestPx, GAP_PX) * SPACING),
      },
    })
      .toColourspace('b-w')
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, pixels: data };
  } catch (error) {
    if (error instanceof Error && error.message.includes('too big')) return undefined;
    throw error;
  }
}

function firstHalf(text: string): string {
  return text.slice(0, text.length >> 1).replace(/[\ud800-\udbff]$/, '');
}

function markupOf({ text, style }: StripLine, overhang: number): string {
  const { sizePx, bold, face, tabular, lang, rightToLeft } = style;
  const gap = GAP.repeat(gapsFor(sizePx, overhang));
  const font = `font="${familiesFor(face, text, lang)} ${bold ? 'Bold ' : ''}${sizePx}"`;
  const features = tabular === true ? ' font_features="tnum=1"' : '';
  const language = lang !== undefined && LANGUAGE_TAG.test(lang) ? ` lang="${lang}"` : '';
  const isolate = rightToLeft ? ISOLATE.rightToLeft : ISOLATE.leftToRight;
  const words = `<span ${font}${features}${language}>${escapeMarkup(closeDirections(text))}</span>`;
  return `${STRUT.letter}${gap}${isolate}${words}${ISOLATE.end}${gap}${STRUT.letter}`;
}

function gapsFor(sizePx: number, overhang: number): number {
  return Math.ceil((sizePx * overhang) / GAP_PX) + 1;
}

/** Which rows belong to which line; undefined when a strut is not where it should be, or lines touch. */
function bandsOf(image: Image, lines: readonly StripLine[]): Band[] | undefined {
  const bands: Band[] = [];
  for (const baseline of baselinesOf(image)) {
    const before = bands.at(-1);
    const cutAt = before === undefined ? 0 : boundaryOf(before, bands.length, baseline, lines);
    if (before !== undefined && !isFree(image, cutAt)) return undefined;
    if (before !== undefined) before.bottom = cutAt;
    const row = image.pixels.subarray((baseline - 1) * image.width, baseline * image.width);
    const strutRight = row.lastIndexOf(255);
    if (!isStrut(image, 0, baseline) || !isStrut(image, strutRight, baseline) || strutRight < GAP_PX) return undefined;
    bands.push({ baseline, strutRight, top: cutAt, bottom: image.height });
  }
  return bands.length === lines.length ? bands : undefined;
}

/** Whether the column is a strut's in all its rows, and the columns beside it are free. */
function isStrut({ width, pixels }: Image, column: number, baseline: number): boolean {
  for (let row = baseline - STRUT.inkHeightPx; row < baseline; row += 1) {
    const at = row * width + column;
    if (pixels[at] !== 255) return false;
    if (column > 0 && pixels[at - 1] === 255) return false;
    if (column < width - 1 && pixels[at + 1] === 255) return false;
  }
  return true;
}

/** The first row below each strut of the first column. */
function baselinesOf({ width, height, pixels }: Image): number[] {
  const baselines: number[] = [];
  for (let row = STRUT.inkHeightPx; row <= height; row += 1) {
    const above = pixels[(row - 1) * width] !== 0;
    const here = row < height && pixels[row * width] !== 0;
    if (above && !here) baselines.push(row);
  }
  return baselines;
}

/** The row in the middle between the line before and the one at `at`, whatever ink they have. */
function boundaryOf(before: Band, at: number, baseline: number, lines: readonly StripLine[]): number {
  const upper = before.baseline + heightOf(lines[at - 1]) * DESCENT;
  const lower = baseline - heightOf(lines[at]) * ASCENT;
  return Math.round((upper + lower) / 2);
}

function heightOf(line: StripLine | undefined): number {
  return Math.max(line?.style.sizePx ?? 0, GAP_PX);
}

/** Whether the row and those beside it have no ink. */
function isFree({ width, pixels }: Image, row: number): boolean {
  const next = pixels.indexOf(255, (row - 1) * width);
  return next < 0 || next >= (row + 2) * width;
}

/** The ink between the struts. */
function cut({ width, pixels }: Image, gapPx: number, band: Band): DrawnLine {
  const origin = STRUT.advancePx - STRUT.bearingPx + gapPx;
  const advancePx = band.strutRight + 1 - STRUT.inkWidthPx - STRUT.bearingPx - gapPx - origin;
  const from: number = STRUT.inkWidthPx;
  const to = band.strutRight + 1 - STRUT.inkWidthPx;
  const ink = { left: to, top: band.bottom, right: from, bottom: band.top };
  for (let row = band.top; row < band.bottom; row += 1) {
    const line = pixels.subarray(row * width + from, row * width + to);
    const first = line.indexOf(255);
    if (first < 0) continue;
    ink.left = Math.min(ink.left, from + first);
    ink.right = Math.max(ink.right, from + line.lastIndexOf(255) + 1);
    ink.top = Math.min(ink.top, row);
    ink.bottom = row + 1;
  }
  const mask = maskOf(pixels, width, ink);
  if (mask.width === 0) return { ...NOTHING, advancePx };
  return { mask, left: ink.left - origin, top: ink.top - band.baseline, advancePx, failed: false };
}

const NOTHING: DrawnLine = {
  mask: { width: 0, height: 0, bits: new Uint8Array() },
  left: 0,
  top: 0,
  advancePx: 0,
  failed: false,
};
