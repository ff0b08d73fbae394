import type { SheetSize } from './context.js';

/** Heights of letters and distances in pixels, for sheets of one class. */
export type TypeScale = {
  /** The least that is read at an arm's length. */
  caption: number;
  body: number;
  title: number;
  headline: number;
  margin: number;
  gap: number;
  /** Thickness of a line that parts. */
  rule: number;
};

/** A line of text takes this multiple of its size. */
export const LINE_HEIGHT = 1.25;

export const TYPE_SCALES: Readonly<Record<SheetSize, TypeScale>> = {
  tiny: { caption: 11, body: 13, title: 15, headline: 26, margin: 6, gap: 4, rule: 1 },
  small: { caption: 12, body: 15, title: 18, headline: 34, margin: 8, gap: 5, rule: 1 },
  medium: { caption: 14, body: 18, title: 23, headline: 48, margin: 16, gap: 8, rule: 1 },
  large: { caption: 18, body: 24, title: 32, headline: 72, margin: 28, gap: 12, rule: 2 },
  huge: { caption: 32, body: 44, title: 62, headline: 140, margin: 64, gap: 26, rule: 3 },
};
