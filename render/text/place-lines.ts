import type { Align } from '../input.js';
import type { DrawnText } from './draw-lines.js';
import type { FontMetrics } from './runs.js';
import type { LaidLine } from './text-block.js';

/** Lines whose ink reaches this share of the size into each other are moved apart. */
const MOST_TOUCH = 0.12;

/** The base lines' distances from the first; ink that would run into the line above moves the line down. */
export function baselinesOf(lines: readonly DrawnText[], pitchPx: number, sizePx: number): number[] {
  const baselines: number[] = [];
  let y = 0;
  for (const [at, { run }] of lines.entries()) {
    const above = lines[at - 1]?.run;
    if (above !== undefined) {
      const bottom = above.top + above.mask.height;
      const apart = bottom - run.top - Math.round(sizePx * MOST_TOUCH);
      const ink = above.mask.height > 0 && run.mask.height > 0 ? apart : 0;
      y += Math.max(Math.round(pitchPx * at) - Math.round(pitchPx * (at - 1)), ink);
    }
    baselines.push(y);
  }
  return baselines;
}

/** From the top of the first line's ink to the bottom of the last's, as distances from the first base line. */
export function inkOf(lines: readonly DrawnText[], baselines: readonly number[]): { top: number; bottom: number } {
  let top = Number.POSITIVE_INFINITY;
  let bottom = Number.NEGATIVE_INFINITY;
  for (const [at, { run }] of lines.entries()) {
    if (run.mask.height === 0) continue;
    const y = baselines[at] ?? 0;
    top = Math.min(top, y + run.top);
    bottom = Math.max(bottom, y + run.top + run.mask.height);
  }
  return top > bottom ? { top: 0, bottom: 0 } : { top, bottom };
}

/** Top and bottom of a block that does not move with its letters, unless they reach further. */
export function boxOf(
  lines: readonly DrawnText[],
  baselines: readonly number[],
  { ascentPx, descentPx }: FontMetrics,
): { top: number; bottom: number } {
  const ink = inkOf(lines, baselines);
  return { top: Math.min(-ascentPx, ink.top), bottom: Math.max((baselines.at(-1) ?? 0) + descentPx, ink.bottom) };
}

/** What a line takes of the width: its ink, or its advance where lines have to stay put. */
export function spanOf({ run }: DrawnText, byAdvance: boolean): { left: number; width: number } {
  return byAdvance || run.mask.width === 0
    ? { left: 0, width: run.advancePx }
    : { left: run.left, width: run.mask.width };
}

/** Lines at their places in room of `widthPx`; the first base line is `firstY` down. */
export function placeLines(
  lines: readonly DrawnText[],
  baselines: readonly number[],
  { widthPx, firstY, align, byAdvance }: { widthPx: number; firstY: number; align: Align; byAdvance: boolean },
): LaidLine[] {
  return lines.map((line, at) => {
    const { left, width } = spanOf(line, byAdvance);
    const spare = widthPx - width;
    const atRight = (align === 'end') !== line.rightToLeft;
    const shift = align === 'centre' ? Math.round(spare / 2) : atRight ? Math.floor(spare) : 0;
    return { x: shift - left, baselineY: firstY + (baselines[at] ?? 0), run: line.run };
  });
}
