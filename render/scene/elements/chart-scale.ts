import type { ChartNode } from '../schema.js';

/** From values to shares of the height, 0 at the lower edge and 1 at the upper. */
export type ChartScale = {
  share: (value: number) => number;
  /** Where bars stand, and the axis: zero, or the edge nearest to it. */
  base: number;
};

/** The scale of a chart: what it says, else what its values span; bars always span zero unless it says otherwise. */
export function chartScale({ kind, values, min, max }: ChartNode): ChartScale {
  const known = values.filter((value) => value !== null);
  const spanned = kind === 'bars' || known.length === 0 ? [...known, 0] : known;
  const ends = [min ?? Math.min(...spanned), max ?? Math.max(...spanned)];
  const low = Math.min(...ends);
  const high = Math.max(...ends);
  const span = high - low;
  // A flat line runs through the middle.
  const share = (value: number) => (span === 0 ? 0.5 : Math.min(1, Math.max(0, (value - low) / span)));
  return { share, base: kind === 'bars' && span === 0 ? 0 : share(0) };
}
