import type { Gap } from '../../contract/index.js';

type Was = { epoch: string; lane: number };

/**
 * What is left of a gap of which a part is covered already: numbers that were moved into this epoch after their earlier
 * place was acknowledged. `markOf` tells how far a closed stream got. Source: sync protocol, section 3 rule 5.
 */
export function leftOfGap(gap: Gap, markOf: (was: Was) => number): Gap | undefined {
  const length = gap.to - gap.from + 1;
  const covered = Math.max(0, ...(gap.was ?? []).map((was) => coveredBy(was, length, markOf(was))));
  return covered >= length ? undefined : trimGap(gap, covered);
}

/** The gap without its first numbers. Rows and bytes that are said of the whole are shared out evenly. */
export function trimGap(gap: Gap, first: number): Gap {
  if (first === 0) return gap;
  const length = gap.to - gap.from + 1;
  const share = (length - first) / length;
  return {
    ...gap,
    from: gap.from + first,
    rows: Math.min(Math.ceil(gap.rows * share), length - first),
    bytes: Math.round(gap.bytes * share),
    ...(gap.was && {
      was: gap.was.map((was) => (was.to - was.from + 1 === length ? { ...was, from: was.from + first } : was)),
    }),
  };
}

/** How many of the first numbers; a place of another length says something only if all of it is covered. */
function coveredBy(was: { from: number; to: number }, length: number, mark: number): number {
  if (mark >= was.to) return length;
  return was.to - was.from + 1 === length ? Math.max(0, mark - was.from + 1) : 0;
}
