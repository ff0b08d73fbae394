import type { RenderTarget } from '../../input.js';

const MARGIN_OF_SIDE = 0.065;

/** White around words, in pixels. */
export function marginOf({ width, height }: Pick<RenderTarget, 'width' | 'height'>): number {
  return Math.round(Math.min(width, height) * MARGIN_OF_SIDE);
}

/** Letters below this cannot be read from an arm's length: 14 pixels on a panel of 124 pixels an inch. */
export function leastLetterPx({ width, height }: Pick<RenderTarget, 'width' | 'height'>): number {
  return Math.min(20, Math.max(10, Math.round(Math.min(width, height) / 34)));
}
