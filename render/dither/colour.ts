import type { InkProfile } from './profile.js';
import { sourceRow, WARM_UP_ROWS } from './rows.js';
import { LINEAR, TONE_STEPS, toneCurve } from './tone.js';

/** Weights of lightness, red-green and yellow-blue when inks are compared: hue is what the eye misses first. */
const WEIGHTS = [1, 9, 1.5] as const;
/** What a pixel may want beyond black and white; more would smear one colour's error over the next object. */
const LEAST_WANTED = -0.3;
const MOST_WANTED = 1.3;

/** Linear sRGB to luminance Y, X/Xn - Y and Y - Z/Zn under D65: zero chroma for every grey. */
const OPPONENT = [
  [0.2126, 0.7152, 0.0722],
  [0.4339 - 0.2126, 0.3762 - 0.7152, 0.1899 - 0.0722],
  [0.2126 - 0.0178, 0.7152 - 0.1095, 0.0722 - 0.8727],
] as const;

/**
 * Serpentine Floyd-Steinberg over the three channels in linear light; the ink is the nearest in an opponent space.
 *
 * @param rgb 8-bit sRGB, three bytes per pixel
 * @returns one ink index per pixel
 */
export function diffuseColour(rgb: Uint8Array, width: number, height: number, profile: InkProfile): Uint8Array {
  const curve = toneCurve(profile.blackLuminance);
  const light = Float64Array.from(LINEAR, (value) => curve[Math.round(value * TONE_STEPS)] ?? 0);
  const planes = planesOf(profile);
  const inks = Float64Array.from(profile.linear.flat());
  const out = new Uint8Array(width * height);
  let here = new Float64Array((width + 2) * 3);
  let below = new Float64Array((width + 2) * 3);
  const wanted = new Float64Array(3);
  for (let line = -WARM_UP_ROWS; line < height; line += 1) {
    const y = sourceRow(line, height);
    const step = line % 2 === 0 ? 1 : -1;
    let x = step === 1 ? 0 : width - 1;
    for (let count = 0; count < width; count += 1, x += step) {
      const at = y * width + x;
      for (let channel = 0; channel < 3; channel += 1) {
        const value = (light[rgb[at * 3 + channel] ?? 0] ?? 0) + (here[(x + 1) * 3 + channel] ?? 0);
        wanted[channel] = Math.min(MOST_WANTED, Math.max(LEAST_WANTED, value));
      }
      const ink = nearest(wanted, planes);
      out[at] = ink;
      for (let channel = 0; channel < 3; channel += 1) {
        const sixteenth = ((wanted[channel] ?? 0) - (inks[ink * 3 + channel] ?? 0)) / 16;
        const ahead = (x + 1 + step) * 3 + channel;
        const behind = (x + 1 - step) * 3 + channel;
        const under = (x + 1) * 3 + channel;
        here[ahead] = (here[ahead] ?? 0) + 7 * sixteenth;
        below[behind] = (below[behind] ?? 0) + 3 * sixteenth;
        below[under] = (below[under] ?? 0) + 5 * sixteenth;
        below[ahead] = (below[ahead] ?? 0) + sixteenth;
      }
    }
    [here, below] = [below, here];
    below.fill(0);
  }
  return out;
}

/**
 * The weighted distance from a colour v to an ink p is (v-p)' W (v-p). What differs between inks is p'Wp - 2 v'Wp:
 * a plane over v, so that one dot product per ink finds the nearest. Four numbers per ink.
 */
function planesOf({ linear }: InkProfile): Float64Array {
  const planes = new Float64Array(linear.length * 4);
  for (const [ink, colour] of linear.entries()) {
    for (const [row, weight] of WEIGHTS.entries()) {
      const axis = OPPONENT[row] ?? OPPONENT[0];
      const along = axis[0] * colour[0] + axis[1] * colour[1] + axis[2] * colour[2];
      for (const [channel, factor] of axis.entries()) {
        planes[ink * 4 + channel] = (planes[ink * 4 + channel] ?? 0) - 2 * weight * along * factor;
      }
      planes[ink * 4 + 3] = (planes[ink * 4 + 3] ?? 0) + weight * along * along;
    }
  }
  return planes;
}

function nearest(wanted: Float64Array, planes: Float64Array): number {
  const [red = 0, green = 0, blue = 0] = wanted;
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let ink = 0; ink * 4 < planes.length; ink += 1) {
    const at = ink * 4;
    const distance =
      (planes[at] ?? 0) * red + (planes[at + 1] ?? 0) * green + (planes[at + 2] ?? 0) * blue + (planes[at + 3] ?? 0);
    if (distance < least) {
      least = distance;
      best = ink;
    }
  }
  return best;
}
