import type { Range } from './history.js';

/** How many numbers are in the ranges; one that is in two counts twice. */
export function countOf(ranges: readonly Range[]): number {
  return ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);
}

/** Whether the ranges are laid end to end from one number to another; undefined if so, else where not. */
export function flawInTiles(ranges: readonly Range[], from: number, to: number): string | undefined {
  let next = from;
  for (const [first, last] of inOrder(ranges)) {
    if (first > next) return `${next}..${first - 1} is not covered`;
    if (first < next) return `${first} is covered twice, or was before`;
    next = last + 1;
  }
  if (next <= to) return `${next}..${to} is not covered`;
  return next > to + 1 ? `${to + 1}..${next - 1} is covered beyond the end` : undefined;
}

/** The first number that is in two of the ranges. */
export function firstTwice(ranges: readonly Range[]): number | undefined {
  let end = 0;
  for (const [first, last] of inOrder(ranges)) {
    if (first <= end) return first;
    end = Math.max(end, last);
  }
  return undefined;
}

/** Answers whether a number is in one of ranges. */
export class RangeIndex {
  readonly #ranges: readonly Range[];

  /** None of the ranges may overlap. */
  constructor(ranges: readonly Range[]) {
    this.#ranges = inOrder(ranges);
  }

  has(seq: number): boolean {
    let low = 0;
    let high = this.#ranges.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const [from, to] = this.#ranges[middle] ?? [0, 0];
      if (seq < from) high = middle - 1;
      else if (seq > to) low = middle + 1;
      else return true;
    }
    return false;
  }
}

function inOrder(ranges: readonly Range[]): Range[] {
  return [...ranges].sort((a, b) => a[0] - b[0]);
}
