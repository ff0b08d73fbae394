/** What one part would like of a length, in whole pixels, and what it needs. */
export type Part = { natural: number; least: number };

/** Splits a whole number by weights into whole numbers whose sum is exact; without a weight nobody gets anything. */
export function splitByWeight(amount: number, weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total <= 0) return weights.map(() => 0);
  let sum = 0;
  let given = 0;
  return weights.map((weight, at) => {
    sum += weight;
    // The last weight ends at the whole amount, whatever the sum of fractions came to.
    const isLast = weights.slice(at + 1).every((later) => later <= 0);
    const edge = isLast ? amount : Math.min(amount, Math.floor((amount * sum) / total));
    const share = edge - given;
    given = edge;
    return share;
  });
}

/**
 * Splits what is left by weights, but gives nobody less than his floor as long as the floors fit.
 * Whoever's share is under his floor gets the floor, and the others share the rest.
 */
export function growInto(left: number, growers: readonly { grow: number; floor: number }[]): number[] {
  const held = new Set<number>();
  for (;;) {
    const taken = [...held].reduce((sum, at) => sum + (growers[at]?.floor ?? 0), 0);
    const weights = growers.map(({ grow }, at) => (held.has(at) ? 0 : grow));
    const shares = splitByWeight(Math.max(0, left - taken), weights);
    const sizes = growers.map(({ floor }, at) => (held.has(at) ? floor : (shares[at] ?? 0)));
    const short = growers.findIndex(({ floor }, at) => !held.has(at) && (sizes[at] ?? 0) < floor);
    if (short < 0) return sizes;
    held.add(short);
  }
}

/**
 * Makes parts smaller until they fit: first down towards what each needs, then below it, in proportion.
 * Their sum is the room, or less when they would like less.
 */
export function shrinkInto(room: number, parts: readonly Part[]): number[] {
  const naturals = parts.map(({ natural }) => natural);
  const leasts = parts.map(({ natural, least }) => Math.min(natural, least));
  const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);
  if (sum(naturals) <= room) return naturals;
  if (sum(leasts) > room) return splitByWeight(room, leasts);
  const spare = splitByWeight(
    room - sum(leasts),
    naturals.map((natural, at) => natural - (leasts[at] ?? 0)),
  );
  return leasts.map((least, at) => least + (spare[at] ?? 0));
}
