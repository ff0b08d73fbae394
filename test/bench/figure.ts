const KIB_PER_MB = 1000 / 1.024;

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

/** The middle one, as it is. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** To two digits behind the point, as ratios are told. */
export function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Of what Linux counts in KiB. */
export function megabytes(kib: number): number {
  return round(kib / KIB_PER_MB);
}
