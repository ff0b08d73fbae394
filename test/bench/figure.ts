/** One line of a benchmark: what was measured, in which unit, beside what was aimed at. */
export type Figure = Record<string, string | number | null>;

/** The value below which a share of the samples lies. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN);
}

/** To one digit behind the point. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
