import { lettersOf, type Piece } from './break-text.js';
import { carryDirections, startsRightToLeft } from './directions.js';
import type { Runs } from './runs.js';
import type { RunStyle, TextRun } from './text-run.js';
import type { Line } from './wrap.js';

/** A line in the order in which it is read; `carried` is what it takes over from the line before. */
export type LineText = { text: string; carried: string; rightToLeft: boolean };

export type DrawnText = { run: TextRun; rightToLeft: boolean };

const ELLIPSIS = '…';
const MOST_SHORTENINGS = 8;
/** Whoever writes none of these reads from left to right, whatever came before. */
const NEEDS_ORDER =
  /[\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** Whole paragraphs as lines. */
export function linesOfParagraphs(paragraphs: readonly string[]): LineText[] {
  return paragraphs.map((text) => ({ text, carried: '', rightToLeft: startsRightToLeft(text) }));
}

/** The text of each line; without the space at its end. */
export function linesOfPieces(paragraphs: readonly (readonly Piece[])[], lines: readonly Line[]): LineText[] {
  const directions = paragraphs.map((pieces) => {
    const whole = textOf(pieces);
    return { rightToLeft: startsRightToLeft(whole), needsOrder: NEEDS_ORDER.test(whole) };
  });
  let carried = '';
  let last = -1;
  return lines.map(({ paragraph, from, to }) => {
    if (paragraph !== last) carried = '';
    last = paragraph;
    const text = textOf(paragraphs[paragraph]?.slice(from, to) ?? []);
    const { rightToLeft = false, needsOrder = false } = directions[paragraph] ?? {};
    const line = { text: text.trimEnd(), carried, rightToLeft };
    if (needsOrder) carried = carryDirections(carried + text);
    return line;
  });
}

export function drawLines(lines: readonly LineText[], style: RunStyle, runs: Runs): Promise<DrawnText[]> {
  return Promise.all(lines.map((line) => drawLine(line, style, runs)));
}

/** As much of the start of the line as fits before an ellipsis. */
export async function drawShortened(line: LineText, widthPx: number, style: RunStyle, runs: Runs): Promise<DrawnText> {
  const letters = lettersOf(line.text);
  let kept = letters.length;
  for (let trial = 0; trial < MOST_SHORTENINGS && kept > 0; trial += 1) {
    const text = letters
      .slice(0, kept)
      .join('')
      .replace(/[\s.,;:!?…-]+$/u, '');
    const drawn = await drawLine({ ...line, text: `${text}${ELLIPSIS}` }, style, runs);
    if (drawn.run.advancePx <= widthPx) return drawn;
    kept = Math.min(kept - 1, Math.floor((kept * widthPx) / drawn.run.advancePx));
  }
  return drawLine({ ...line, text: ELLIPSIS }, style, runs);
}

async function drawLine({ text, carried, rightToLeft }: LineText, style: RunStyle, runs: Runs): Promise<DrawnText> {
  return { run: await runs.run(carried + text, { ...style, rightToLeft }), rightToLeft };
}

function textOf(pieces: readonly Piece[]): string {
  return pieces.map(({ word, space }) => word + space).join('');
}
