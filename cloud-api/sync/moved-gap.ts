import type { Gap } from '../../contract/index.js';

type Range = { from: number; to: number };
type Was = Range & { epoch: string; lane: number };

/**
 * What is left of a gap of which parts are covered already where they were before they were moved into this epoch.
 * `coveredIn` tells which numbers of an earlier place are. Source: sync protocol, section 3 rule 5.
 */
export function leftOfGap(gap: Gap, coveredIn: (was: Was) => readonly Range[]): Gap[] {
  const covered = (gap.was ?? []).flatMap((was) =>
    coveredIn(was).map(({ from, to }) => {
      // A place is shorter where the gap grew behind it; both begin with the same number.
      return { from: from + gap.from - was.from, to: Math.min(to, was.to) + gap.from - was.from };
    }),
  );
  const left: Gap[] = [];
  let next = gap.from;
  for (const { from, to } of covered.sort((a, b) => a.from - b.from)) {
    if (from > gap.to || to < next) continue;
    if (from > next) left.push(cutGap(gap, next, from - 1));
    next = to + 1;
  }
  if (next <= gap.to) left.push(cutGap(gap, next, gap.to));
  return left;
}

/** The numbers from `from` to `to` of a gap. Rows and bytes that are said of the whole are shared out evenly. */
export function cutGap(gap: Gap, from: number, to: number): Gap {
  if (from === gap.from && to === gap.to) return gap;
  const length = to - from + 1;
  const share = length / (gap.to - gap.from + 1);
  const [first, last] = [from - gap.from, to - gap.from];
  return {
    ...gap,
    ...{ from, to },
    rows: Math.min(Math.ceil(gap.rows * share), length),
    bytes: Math.round(gap.bytes * share),
    ...(gap.was && {
      was: gap.was.flatMap((was) => {
        const part = { from: was.from + first, to: Math.min(was.to, was.from + last) };
        return part.from > part.to ? [] : [{ ...was, ...part }];
      }),
    }),
  };
}
