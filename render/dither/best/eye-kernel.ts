/** How an error of one pixel weighs on another so many columns and rows away. */
export type EyeKernel = {
  /** Pixels to each side, beyond which nothing weighs. */
  readonly radius: number;
  /** Its parts, each the product of one profile across and one down. */
  readonly lobes: readonly { readonly weight: number; readonly profile: Float64Array }[];
  /** All of it, rows first, `2 * radius + 1` to a side. */
  readonly weights: Float64Array;
};

/**
 * How wide a point looks, in pixels, at 67 pixels per degree: the contrast sensitivity for lightness that FLIP took
 * from S-CIELAB (a gaussian of variance 0.0047 / 2 pi^2 degrees squared).
 */
const NEAR_SPREAD = 1;
/**
 * From across the room a point looks several times as wide. Without it a search from up close takes the few white
 * pixels out of a dark sky, because each of them is seen, and the sky loses its light.
 */
const FAR_SPREAD = 3;
const FAR_WEIGHT = 4;
const RADIUS = 12;
/** Rounded, so that no processor's last bit of `exp` shows. */
const STEPS = 2 ** 24;

/** The gaussians of both distances, each with itself: what two errors weigh together after the eye's blur. */
export function eyeKernel(): EyeKernel {
  const lobes = [
    { weight: 1, profile: profileOf(NEAR_SPREAD) },
    { weight: FAR_WEIGHT, profile: profileOf(FAR_SPREAD) },
  ];
  const side = 2 * RADIUS + 1;
  const weights = new Float64Array(side * side);
  for (const { weight, profile } of lobes) {
    for (const [at, sum] of weights.entries()) {
      weights[at] = sum + weight * (profile[at % side] ?? 0) * (profile[Math.floor(at / side)] ?? 0);
    }
  }
  return { radius: RADIUS, lobes, weights };
}

/** A gaussian blurred by itself has twice its variance. */
function profileOf(spread: number): Float64Array {
  const values = Array.from({ length: 2 * RADIUS + 1 }, (_, at) => Math.exp(-((at - RADIUS) ** 2) / (4 * spread ** 2)));
  const sum = values.reduce((total, value) => total + value, 0);
  return Float64Array.from(values, (value) => Math.round((value / sum) * STEPS) / STEPS);
}
