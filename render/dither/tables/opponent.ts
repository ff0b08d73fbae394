import { dot, type Triple } from './colour-space.js';

/** Linear sRGB to luminance Y, X/Xn - Y and Y - Z/Zn under D65: the last two are zero for every grey. */
const AXES: readonly [Triple, Triple, Triple] = [
  [0.2126, 0.7152, 0.0722],
  [0.4339 - 0.2126, 0.3762 - 0.7152, 0.1899 - 0.0722],
  [0.2126 - 0.0178, 0.7152 - 0.1095, 0.0722 - 0.8727],
];
/**
 * Weights of lightness, red-green and yellow-blue where single pixels are compared: the eye sees red-green grain
 * almost as sharply as light, and yellow-blue grain hardly at all.
 */
const WEIGHTS = [1, 12, 0.4] as const;

/** How far apart two colours of single pixels look, squared. */
export function opponentDistance(one: Triple, other: Triple): number {
  const apart: Triple = [one[0] - other[0], one[1] - other[1], one[2] - other[2]];
  return AXES.reduce((sum, axis, at) => sum + (WEIGHTS[at] ?? 0) * dot(axis, apart) ** 2, 0);
}
