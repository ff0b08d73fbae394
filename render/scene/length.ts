import type { Length } from './values.js';

/** A length in whole pixels; `parentPx` is the inner side of the parent, `unitPx` the shorter side of the sheet. */
export function toPixels(length: Length, parentPx: number, unitPx: number): number {
  if (typeof length === 'number') return Math.round(length);
  const share = Number.parseFloat(length) / 100;
  return Math.round(share * (length.endsWith('%') ? parentPx : unitPx));
}
