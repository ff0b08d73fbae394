import { piecesOf } from './break-text.js';
import { type DrawnText, drawLines, linesOfPieces } from './draw-lines.js';
import { baselinesOf, inkOf, placeLines, spanOf } from './place-lines.js';
import type { Runs } from './runs.js';
import type { LaidText, TextBlock } from './text-block.js';
import { lineHeightFor, styleOf } from './text-style.js';
import { balancedWidth, type Line, type MeasuredPiece, measurePieces, splitWide, wrap } from './wrap.js';

type Range = { minPx: number; maxPx: number };
type Pieces = readonly (readonly MeasuredPiece[])[];

/** Words are measured once at this size; what they take at others follows from it. */
const PROBE_PX = 32;
/** A word that would need a size below `width / 24` to stand on one line is broken instead. */
const LETTERS_BEFORE_BREAKING = 24;
const MOST_BALANCED_LINES = 6;
/** Letters are set on whole pixels, so a size that should fit may not by a little: then one is tried that is a little less. */
const MOST_TRIALS = 8;
const LITTLE_LESS = 0.98;

/** The text as large as the range and the room allow; undefined when it does not fit at the least size. */
export async function layLargest(
  paragraphs: readonly string[],
  block: TextBlock,
  range: Range,
  runs: Runs,
): Promise<LaidText | undefined> {
  const { width, align = 'start' } = block;
  const pieces = await measureAtProbe(paragraphs, block, range, runs);
  let sizePx = largestThatShouldFit(pieces, block, range);
  for (let trial = 0; sizePx !== undefined && trial < MOST_TRIALS; trial += 1) {
    const style = styleOf(block, sizePx);
    const drawn = await drawLines(linesOfPieces(pieces, breakAt(pieces, sizePx, block)), style, runs);
    const baselines = baselinesOf(drawn, pitchAt(sizePx, block), sizePx);
    const ink = inkOf(drawn, baselines);
    if (isWithin(drawn, ink, block)) {
      const natural = Math.max(0, ...drawn.map((line) => spanOf(line, block.tabular === true).width));
      const widthPx = Number.isFinite(width) ? width : natural;
      const placing = { widthPx, firstY: -ink.top, align, byAdvance: block.tabular === true };
      const lines = placeLines(drawn, baselines, placing);
      const missing = drawn.some(({ run }) => run.missing);
      return { width: natural, height: ink.bottom - ink.top, sizePx, cut: false, missing, lines };
    }
    const less: number = Math.min(sizePx - 1, Math.floor(sizePx * LITTLE_LESS));
    sizePx = less < range.minPx ? undefined : less;
  }
  return undefined;
}

async function measureAtProbe(
  paragraphs: readonly string[],
  block: TextBlock,
  { minPx, maxPx }: Range,
  runs: Runs,
): Promise<Pieces> {
  const style = styleOf(block, PROBE_PX);
  const words =
    block.wrap === false ? paragraphs.map((word) => [{ word, space: '' }]) : paragraphs.map((text) => piecesOf(text));
  const measured = await measurePieces(words, style, runs);
  if (block.wrap === false) return measured;
  const leastPx = Math.min(maxPx, Math.max(minPx, block.width / LETTERS_BEFORE_BREAKING));
  return splitWide(measured, (block.width * PROBE_PX) / leastPx, style, runs);
}

function largestThatShouldFit(pieces: Pieces, block: TextBlock, { minPx, maxPx }: Range): number | undefined {
  let fits = Math.ceil(minPx) - 1;
  let fails = Math.max(fits, Math.floor(maxPx)) + 1;
  while (fails - fits > 1) {
    const middle = Math.floor((fits + fails) / 2);
    if (shouldFit(pieces, middle, block)) fits = middle;
    else fails = middle;
  }
  return fits < minPx ? undefined : fits;
}

function shouldFit(pieces: Pieces, sizePx: number, block: TextBlock): boolean {
  const scale = sizePx / PROBE_PX;
  const { width, height = Number.POSITIVE_INFINITY, maxLines = Number.POSITIVE_INFINITY } = block;
  const lines = wrap(pieces, width, scale);
  if (lines.length > maxLines || lines.some(({ widthPx }) => widthPx > width)) return false;
  return inkHeightAt(pieces, sizePx, block) <= height + 1;
}

/** How high the ink should come out, on the lines that are drawn: even lines may have their tallest word elsewhere, or be empty. */
function inkHeightAt(pieces: Pieces, sizePx: number, block: TextBlock): number {
  let top = Number.POSITIVE_INFINITY;
  let bottom = Number.NEGATIVE_INFINITY;
  for (const [at, line] of breakAt(pieces, sizePx, block).entries()) {
    const y = (at * pitchAt(sizePx, block) * PROBE_PX) / sizePx;
    for (const piece of piecesOn(pieces, line)) {
      if (piece.top === piece.bottom) continue;
      top = Math.min(top, y + piece.top);
      bottom = Math.max(bottom, y + piece.bottom);
    }
  }
  return top > bottom ? 0 : ((bottom - top) * sizePx) / PROBE_PX;
}

/** Few lines are broken as evenly as they go, so that none is left with one short word. */
function breakAt(pieces: Pieces, sizePx: number, { width }: TextBlock): Line[] {
  const scale = sizePx / PROBE_PX;
  const lines = wrap(pieces, width, scale);
  if (lines.length < 2 || lines.length > MOST_BALANCED_LINES || !Number.isFinite(width)) return lines;
  return wrap(pieces, balancedWidth(pieces, width / scale, PROBE_PX / 8), 1);
}

function piecesOn(pieces: Pieces, line: Line): readonly MeasuredPiece[] {
  return pieces[line.paragraph]?.slice(line.from, line.to) ?? [];
}

function isWithin(lines: readonly DrawnText[], ink: { top: number; bottom: number }, block: TextBlock): boolean {
  const { width, height = Number.POSITIVE_INFINITY } = block;
  const widest = Math.max(0, ...lines.map((line) => spanOf(line, block.tabular === true).width));
  return widest <= width && ink.bottom - ink.top <= height;
}

function pitchAt(sizePx: number, { lineHeight }: TextBlock): number {
  return sizePx * (lineHeight ?? lineHeightFor(sizePx));
}
