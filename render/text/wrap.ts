import { lettersOf, type Piece } from './break-text.js';
import type { Runs } from './runs.js';
import type { RunStyle } from './text-run.js';

/** A piece with its size in pixels; `top` and `bottom` are those of its ink from the base line. */
export type MeasuredPiece = Piece & { widthPx: number; spacePx: number; top: number; bottom: number };

/** Pieces `from` to before `to` of a paragraph, which one line holds. */
export type Line = { paragraph: number; from: number; to: number; widthPx: number };

/** Every word once, and every kind of space once, however long the text is. */
export async function measurePieces(
  paragraphs: readonly (readonly Piece[])[],
  style: RunStyle,
  runs: Runs,
): Promise<MeasuredPiece[][]> {
  const texts = [...new Set(paragraphs.flat().flatMap(({ word, space }) => [word, space]))];
  const extents = await runs.measure(texts, style);
  const byText = new Map(texts.map((text, at) => [text, extents[at]]));
  return paragraphs.map((pieces) =>
    pieces.map((piece) => {
      const ink = byText.get(piece.word);
      return {
        ...piece,
        widthPx: ink?.advancePx ?? 0,
        spacePx: byText.get(piece.space)?.advancePx ?? 0,
        top: ink?.top ?? 0,
        bottom: ink?.bottom ?? 0,
      };
    }),
  );
}

/** The pieces with each word that is wider than the line taken apart into its letters. */
export async function splitWide(
  paragraphs: readonly (readonly MeasuredPiece[])[],
  limitPx: number,
  style: RunStyle,
  runs: Runs,
): Promise<MeasuredPiece[][]> {
  const split = await Promise.all(
    paragraphs.map(async (pieces) => {
      if (pieces.every(({ widthPx }) => widthPx <= limitPx)) return [...pieces];
      const parts = pieces.map((piece) => (piece.widthPx <= limitPx ? [piece] : partsOf(piece)));
      const measured = await measurePieces(parts, style, runs);
      return measured.flat();
    }),
  );
  return split;
}

function partsOf({ word, space }: Piece): Piece[] {
  const letters = lettersOf(word);
  return letters.map((letter, at) => ({ word: letter, space: at === letters.length - 1 ? space : '' }));
}

/** As many pieces on each line as `limitPx` holds, sizes taken times `scale`; a piece that is wider has its own line. */
export function wrap(paragraphs: readonly (readonly MeasuredPiece[])[], limitPx: number, scale = 1): Line[] {
  const lines: Line[] = [];
  for (const [paragraph, pieces] of paragraphs.entries()) {
    let line: Line = { paragraph, from: 0, to: 0, widthPx: 0 };
    let spacePx = 0;
    for (const [at, piece] of pieces.entries()) {
      const widthPx = line.widthPx + (spacePx + piece.widthPx) * scale;
      if (line.to > line.from && widthPx > limitPx) {
        lines.push(line);
        line = { paragraph, from: at, to: at + 1, widthPx: piece.widthPx * scale };
      } else {
        line.to = at + 1;
        line.widthPx = widthPx;
      }
      spacePx = piece.spacePx;
    }
    lines.push(line);
  }
  return lines;
}

/** The least width that breaks the text into no more lines than `limitPx` does. */
export function balancedWidth(
  paragraphs: readonly (readonly MeasuredPiece[])[],
  limitPx: number,
  stepPx: number,
): number {
  const lines = wrap(paragraphs, limitPx).length;
  let tooNarrow = Math.max(0, ...paragraphs.flat().map(({ widthPx }) => widthPx)) - 1;
  let wideEnough = limitPx;
  while (wideEnough - tooNarrow > stepPx) {
    const middle = (tooNarrow + wideEnough) / 2;
    if (wrap(paragraphs, middle).length <= lines) wideEnough = middle;
    else tooNarrow = middle;
  }
  return wideEnough;
}
