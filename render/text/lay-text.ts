import { piecesOf } from './break-text.js';
import {
  type DrawnText,
  drawLines,
  drawShortened,
  type LineText,
  linesOfParagraphs,
  linesOfPieces,
} from './draw-lines.js';
import { layLargest } from './lay-largest.js';
import { paragraphsOf } from './paragraphs.js';
import { baselinesOf, boxOf, placeLines } from './place-lines.js';
import type { FontMetrics, Runs } from './runs.js';
import type { LaidText, TextBlock } from './text-block.js';
import { lineHeightFor, styleOf } from './text-style.js';
import { measurePieces, splitWide, wrap } from './wrap.js';

/** A letter's least width as a multiple of the size, for a text that is likely to fit on its lines as it is. */
const SLIM_LETTER = 0.4;
const MOST_WRAPPINGS = 3;

/** Lays a text out in its room. What does not fit at its only or least size ends in an ellipsis. */
export async function layText(block: TextBlock, runs: Runs): Promise<LaidText> {
  const paragraphs = paragraphsOf(block);
  if (typeof block.size !== 'number') {
    const largest = await layLargest(paragraphs, block, block.size, runs);
    if (largest !== undefined) return largest;
  }
  return layAtOneSize(paragraphs, block, typeof block.size === 'number' ? block.size : block.size.minPx, runs);
}

async function layAtOneSize(
  paragraphs: readonly string[],
  block: TextBlock,
  askedPx: number,
  runs: Runs,
): Promise<LaidText> {
  const style = styleOf(block, askedPx);
  const { sizePx } = style;
  const pitchPx = (block.lineHeight ?? lineHeightFor(sizePx)) * sizePx;
  const [metrics, wrapped] = await Promise.all([runs.metrics(style), wrapAtOneSize(paragraphs, block, askedPx, runs)]);
  const { texts, drawn } = wrapped;
  const most = Math.min(
    block.maxLines ?? Number.POSITIVE_INFINITY,
    linesWithin(block.height, drawn, { pitchPx, sizePx }, metrics),
  );
  let cut = texts.length > most;
  const lines = await Promise.all(
    texts.slice(0, most).map(async (text, at) => {
      const line = drawn[at];
      const isLast = cut && at === most - 1;
      if (line !== undefined && line.run.advancePx <= block.width && !isLast) return line;
      return drawShortened(text, block.width, style, runs);
    }),
  );
  cut ||= drawn.some(({ run }) => run.advancePx > block.width);
  const baselines = baselinesOf(lines, pitchPx, sizePx);
  const { top, bottom } = boxOf(lines, baselines, metrics);
  const width = Math.max(0, ...lines.map(({ run }) => Math.max(run.advancePx, run.mask.width)));
  const widthPx = Number.isFinite(block.width) ? block.width : width;
  const placing = { widthPx, firstY: -top, align: block.align ?? 'start', byAdvance: block.tabular === true } as const;
  return {
    width,
    height: bottom - top,
    sizePx,
    cut,
    missing: lines.some(({ run }) => run.missing),
    lines: placeLines(lines, baselines, placing),
  };
}

/** How many of the lines come out no higher than the room, and one at the least. */
function linesWithin(
  heightPx: number | undefined,
  drawn: readonly DrawnText[],
  { pitchPx, sizePx }: { pitchPx: number; sizePx: number },
  metrics: FontMetrics,
): number {
  if (heightPx === undefined) return Math.max(1, drawn.length);
  // Base lines are at least the rounded pitch apart: more than these never fit.
  let count = Math.min(drawn.length, Math.max(0, Math.ceil((heightPx + sizePx) / pitchPx)) + 1);
  const baselines = baselinesOf(drawn.slice(0, count), pitchPx, sizePx);
  for (; count > 1; count -= 1) {
    const { top, bottom } = boxOf(drawn.slice(0, count), baselines.slice(0, count), metrics);
    if (bottom - top <= heightPx) return count;
  }
  return 1;
}

type Wrapped = { texts: LineText[]; drawn: DrawnText[] };

async function wrapAtOneSize(
  paragraphs: readonly string[],
  block: TextBlock,
  askedPx: number,
  runs: Runs,
): Promise<Wrapped> {
  const style = styleOf(block, askedPx);
  const slim = paragraphs.every((text) => text.length * SLIM_LETTER * style.sizePx <= block.width);
  if (block.wrap === false || slim) {
    const texts = linesOfParagraphs(paragraphs);
    const drawn = await drawLines(texts, style, runs);
    if (block.wrap === false || widest(drawn) <= block.width) return { texts, drawn };
  }
  const words = paragraphs.map((paragraph) => piecesOf(paragraph));
  const pieces = await splitWide(await measurePieces(words, style, runs), block.width, style, runs);
  let limitPx = block.width;
  for (let trial = 1; ; trial += 1) {
    const texts = linesOfPieces(pieces, wrap(pieces, limitPx));
    const drawn = await drawLines(texts, style, runs);
    // A line may come out wider than its words: letters are fitted to each other across a space.
    const excessPx = widest(drawn) - block.width;
    if (excessPx <= 0 || trial === MOST_WRAPPINGS) return { texts, drawn };
    limitPx -= excessPx;
  }
}

function widest(lines: readonly DrawnText[]): number {
  return Math.max(0, ...lines.map(({ run }) => run.advancePx));
}
