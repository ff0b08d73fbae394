const SPREAD = 1.5;
const FIRST_SHARE = 0.1;

/**
 * A square mask in which every number from 0 to `side * side - 1` stands once, and those below any limit lie as evenly
 * as they can, across the edges too (R. Ulichney, "The void-and-cluster method for dither array generation", 1993).
 */
export function voidAndCluster(side: number): Uint16Array {
  const count = side * side;
  const bump = bumpOf(side);
  const first = evened(side, bump);
  const ranks = new Uint16Array(count);
  const ones = first.filter((isSet) => isSet === 1).length;

  const thinning = field(first, side, bump);
  const thinned = Uint8Array.from(first);
  for (let rank = ones - 1; rank >= 0; rank -= 1) {
    const at = extreme(thinned, thinning, 1);
    turn(thinned, thinning, at, side, bump);
    ranks[at] = rank;
  }
  const filling = field(first, side, bump);
  const filled = Uint8Array.from(first);
  for (let rank = ones; rank < count; rank += 1) {
    const at = extreme(filled, filling, 0);
    turn(filled, filling, at, side, bump);
    ranks[at] = rank;
  }
  return ranks;
}

/** Few points, moved from the tightest cluster to the largest void until none can gain. */
function evened(side: number, bump: Float64Array): Uint8Array {
  const points = new Uint8Array(side * side);
  let seed = 1;
  for (let left = Math.floor(points.length * FIRST_SHARE); left > 0; ) {
    // A linear congruential generator with the constants of Numerical Recipes: the same mask in every build.
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    const at = Math.floor((seed / 2 ** 32) * points.length);
    if (points[at] === 1) continue;
    points[at] = 1;
    left -= 1;
  }
  const crowding = field(points, side, bump);
  for (;;) {
    const cluster = extreme(points, crowding, 1);
    turn(points, crowding, cluster, side, bump);
    const gap = extreme(points, crowding, 0);
    turn(points, crowding, gap, side, bump);
    if (gap === cluster) return points;
  }
}

/** Influence of a point on each place relative to it, in whole 2^-24ths so that sums do not depend on their order. */
function bumpOf(side: number): Float64Array {
  return Float64Array.from({ length: side * side }, (_, at) => {
    const across = Math.min(at % side, side - (at % side));
    const down = Math.min(Math.floor(at / side), side - Math.floor(at / side));
    return Math.round(2 ** 24 * Math.exp(-(across ** 2 + down ** 2) / (2 * SPREAD ** 2)));
  });
}

function field(points: Uint8Array, side: number, bump: Float64Array): Float64Array {
  const crowding = new Float64Array(points.length);
  for (const [at, isSet] of points.entries()) if (isSet === 1) add(crowding, at, 1, side, bump);
  return crowding;
}

function turn(points: Uint8Array, crowding: Float64Array, at: number, side: number, bump: Float64Array): void {
  const wasSet = points[at] === 1;
  points[at] = wasSet ? 0 : 1;
  add(crowding, at, wasSet ? -1 : 1, side, bump);
}

function add(crowding: Float64Array, at: number, sign: number, side: number, bump: Float64Array): void {
  const left = at % side;
  const top = Math.floor(at / side);
  for (let y = 0; y < side; y += 1) {
    const row = ((y - top + side) % side) * side;
    for (let x = 0; x < side; x += 1) {
      const to = y * side + x;
      crowding[to] = (crowding[to] ?? 0) + sign * (bump[row + ((x - left + side) % side)] ?? 0);
    }
  }
}

/** Of the points, the most crowded; of the gaps, the least. */
function extreme(points: Uint8Array, crowding: Float64Array, of: 0 | 1): number {
  let best = -1;
  let most = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < points.length; at += 1) {
    if (points[at] !== of) continue;
    const value = (of === 1 ? 1 : -1) * (crowding[at] ?? 0);
    if (value <= most) continue;
    most = value;
    best = at;
  }
  return best;
}
