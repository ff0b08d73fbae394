import { type InkProfile, luminanceOf } from './profile.js';
import { sourceRow, WARM_UP_ROWS } from './rows.js';
import { LINEAR, TONE_STEPS, toneCurve } from './tone.js';

/**
 * Serpentine Floyd-Steinberg over luminance in linear light, to any number of grey inks. Of the diffusion kernels
 * this one has the least error after the eye's own blur; turning at each row's end keeps worms from forming.
 *
 * @param rgb 8-bit sRGB, three bytes per pixel
 * @returns one ink index per pixel
 */
export function diffuseGrey(rgb: Uint8Array, width: number, height: number, profile: InkProfile): Uint8Array {
  const tone = toneCurve(profile.blackLuminance);
  const order = profile.luminance.map((light, ink) => ({ light, ink })).sort((a, b) => a.light - b.light);
  const lights = Float64Array.from(order, ({ light }) => light);
  const thresholds = lights.subarray(1).map((light, level) => (light + (lights[level] ?? 0)) / 2);
  const inks = Uint8Array.from(order, ({ ink }) => ink);
  const out = new Uint8Array(width * height);
  // One pixel more at each side takes the error that runs over the edge, where it is dropped.
  let here = new Float64Array(width + 2);
  let below = new Float64Array(width + 2);
  for (let line = -WARM_UP_ROWS; line < height; line += 1) {
    const y = sourceRow(line, height);
    const step = line % 2 === 0 ? 1 : -1;
    let x = step === 1 ? 0 : width - 1;
    for (let count = 0; count < width; count += 1, x += step) {
      const at = y * width + x;
      const wanted = (tone[toneStep(rgb, at * 3)] ?? 0) + (here[x + 1] ?? 0);
      let level = 0;
      while (level < thresholds.length && wanted > (thresholds[level] ?? 0)) level += 1;
      out[at] = inks[level] ?? 0;
      const sixteenth = (wanted - (lights[level] ?? 0)) / 16;
      here[x + 1 + step] = (here[x + 1 + step] ?? 0) + 7 * sixteenth;
      below[x + 1 - step] = (below[x + 1 - step] ?? 0) + 3 * sixteenth;
      below[x + 1] = (below[x + 1] ?? 0) + 5 * sixteenth;
      below[x + 1 + step] = (below[x + 1 + step] ?? 0) + sixteenth;
    }
    [here, below] = [below, here];
    below.fill(0);
  }
  return out;
}

function toneStep(rgb: Uint8Array, at: number): number {
  const light = luminanceOf(LINEAR[rgb[at] ?? 0] ?? 0, LINEAR[rgb[at + 1] ?? 0] ?? 0, LINEAR[rgb[at + 2] ?? 0] ?? 0);
  return Math.round(light * TONE_STEPS);
}
