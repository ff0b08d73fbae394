import { ciede2000 } from './ciede2000.js';
import { dot, inverse, type Triple, times, toLab } from './colour-space.js';
import { opponentDistance } from './opponent.js';

/** Shares of the inks, in their order, that add up to 1. */
export type Mix = readonly number[];

const STEPS = 10;
/** How many triples of inks are followed to their nearest point. */
const FOLLOWED = 4;
const SMALLEST_STEP = 0.004;
const NEARLY = 1e-6;

/**
 * How to mix a colour from the inks: of all ways that give it, the one whose inks lie closest to it and so show the
 * least grain; for a colour that no mix gives, the mix that looks most like it (CIEDE2000).
 */
export function inkMixer(inks: readonly Triple[]): (linear: Triple) => Mix {
  const solids = solidsOf(inks);
  const faces = facesOf(inks);
  return (linear) => inside(linear, inks, solids) ?? nearest(toLab(linear), inks, faces);
}

/** The light of a mix. */
export function lightOf(mix: Mix, inks: readonly Triple[]): Triple {
  const along = (axis: 0 | 1 | 2) => mix.reduce((sum, share, ink) => sum + share * (inks[ink]?.[axis] ?? 0), 0);
  return [along(0), along(1), along(2)];
}

type Solid = { corners: readonly [number, number, number, number]; sharesOf: (linear: Triple) => Triple };

function solidsOf(inks: readonly Triple[]): Solid[] {
  const solids: Solid[] = [];
  for (const [one, two, three, four] of choices(inks, 4)) {
    if (one === undefined || two === undefined || three === undefined || four === undefined) continue;
    const [[a, p], [b, q], [c, r], [d, s]] = [one, two, three, four];
    const [u, v, w] = [minus(q, p), minus(r, p), minus(s, p)];
    const volume = dot(u, [v[1] * w[2] - v[2] * w[1], v[2] * w[0] - v[0] * w[2], v[0] * w[1] - v[1] * w[0]]);
    if (Math.abs(volume) < NEARLY) continue;
    const toShares = inverse([
      [u[0], v[0], w[0]],
      [u[1], v[1], w[1]],
      [u[2], v[2], w[2]],
    ]);
    solids.push({ corners: [a, b, c, d], sharesOf: (linear) => times(toShares, minus(linear, p)) });
  }
  return solids;
}

function inside(linear: Triple, inks: readonly Triple[], solids: readonly Solid[]): Mix | undefined {
  const distances = inks.map((ink) => opponentDistance(ink, linear));
  let best: Mix | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const { corners, sharesOf } of solids) {
    const [second, third, fourth] = sharesOf(linear);
    const shares = [1 - second - third - fourth, second, third, fourth];
    if (shares.some((share) => share < -NEARLY)) continue;
    const grain = shares.reduce((sum, share, at) => sum + share * (distances[corners[at] ?? 0] ?? 0), 0);
    if (grain >= least) continue;
    least = grain;
    best = spread(inks.length, corners, shares);
  }
  return best;
}

type Face = { corners: readonly number[]; grid: readonly { shares: Triple; lab: Triple }[] };

/** Every triple of inks with the colours that it mixes, in even steps. The surface of the gamut is made of some of them. */
function facesOf(inks: readonly Triple[]): Face[] {
  if (inks.length === 2) return [faceOf([0, 1, 1], inks)];
  return choices(inks, 3).map((corners) =>
    faceOf(
      corners.map(([ink]) => ink),
      inks,
    ),
  );
}

function faceOf(corners: readonly number[], inks: readonly Triple[]): Face {
  const grid = [];
  for (let one = 0; one <= STEPS; one += 1) {
    for (let two = 0; two <= STEPS - one; two += 1) {
      const shares: Triple = [one / STEPS, two / STEPS, (STEPS - one - two) / STEPS];
      grid.push({ shares, lab: toLab(lightOf(spread(inks.length, corners, shares), inks)) });
    }
  }
  return { corners, grid };
}

function nearest(lab: Triple, inks: readonly Triple[], faces: readonly Face[]): Mix {
  const starts = faces.map(({ corners, grid }) => {
    let best: Triple = [1, 0, 0];
    let least = Number.POSITIVE_INFINITY;
    for (const { shares, lab: other } of grid) {
      const difference = roughDifference(lab, other);
      if (difference >= least) continue;
      least = difference;
      best = shares;
    }
    return { corners, shares: best, least };
  });
  const promising = starts.sort((a, b) => a.least - b.least).slice(0, FOLLOWED);
  const ends = promising.map(({ corners, shares }) => follow(lab, inks, corners, shares));
  return ends.reduce((best, end) => (end.difference < best.difference ? end : best)).mix;
}

/** Moves shares from ink to ink for as long as the mix comes to look more like the colour. */
function follow(
  lab: Triple,
  inks: readonly Triple[],
  corners: readonly number[],
  start: Triple,
): { mix: Mix; difference: number } {
  const differenceOf = (shares: readonly number[]) =>
    ciede2000(lab, toLab(lightOf(spread(inks.length, corners, shares), inks)));
  let shares: readonly number[] = start;
  let difference = differenceOf(shares);
  let step = 0.5 / STEPS;
  while (step > SMALLEST_STEP) {
    let hasMoved = false;
    for (const [from, to] of MOVES) {
      const moved = Math.min(step, shares[from] ?? 0);
      if (moved === 0) continue;
      const next = shares.map((share, at) => share + (at === to ? moved : at === from ? -moved : 0));
      const nextDifference = differenceOf(next);
      if (nextDifference >= difference) continue;
      shares = next;
      difference = nextDifference;
      hasMoved = true;
    }
    if (!hasMoved) step /= 2;
  }
  return { mix: spread(inks.length, corners, shares), difference };
}

const MOVES = [
  [0, 1],
  [1, 0],
  [0, 2],
  [2, 0],
  [1, 2],
  [2, 1],
] as const;

/** CIE 1994 colour difference, squared: near enough to tell which corner of the gamut to search. */
function roughDifference(one: Triple, other: Triple): number {
  const chroma = Math.hypot(one[1], one[2]);
  const byChroma = Math.hypot(other[1], other[2]) - chroma;
  const byHue = Math.max(0, (other[1] - one[1]) ** 2 + (other[2] - one[2]) ** 2 - byChroma ** 2);
  return (other[0] - one[0]) ** 2 + (byChroma / (1 + 0.045 * chroma)) ** 2 + byHue / (1 + 0.015 * chroma) ** 2;
}

function spread(inkCount: number, corners: readonly number[], shares: readonly number[]): Mix {
  const mix = new Array<number>(inkCount).fill(0);
  for (const [at, corner] of corners.entries()) mix[corner] = (mix[corner] ?? 0) + Math.max(0, shares[at] ?? 0);
  return mix;
}

function choices<T>(of: readonly T[], count: number, from = 0): [number, T][][] {
  if (count === 0) return [[]];
  const all: [number, T][][] = [];
  for (let at = from; at <= of.length - count; at += 1) {
    const one = of[at];
    if (one === undefined) continue;
    for (const rest of choices(of, count - 1, at + 1)) all.push([[at, one], ...rest]);
  }
  return all;
}

function minus(a: Triple, b: Triple): Triple {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}
