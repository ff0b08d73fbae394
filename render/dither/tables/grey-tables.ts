import {
  AIM_BITS,
  BLUE,
  CURVE,
  CURVE_STEPS,
  FULL_LIGHT,
  GREEN,
  LEVEL_LIGHT,
  LEVEL_LIMIT,
  RED,
  SHARE_BITS,
  SHARES,
} from '../kernel/layout.js';
import type { Tone } from '../profiles.js';
import { ERROR_SHARES } from './error-shares.js';
import { luminanceOf, toLinear } from './tone.js';

const SHARE_STEPS = 128;

/** @param lights of the greys, white 1, from black to white */
export function fillGreyTables(tables: DataView, lights: readonly number[], tone: Tone): void {
  fillLuminance(tables);
  const levels = lights.map((light) => Math.round(light * FULL_LIGHT));
  for (const [level, light] of levels.entries()) {
    tables.setInt32(LEVEL_LIGHT + level * 4, light, true);
    const next = levels[level + 1] ?? light;
    tables.setInt32(LEVEL_LIMIT + level * 4, Math.floor((light + next) / 2), true);
  }
  const squeeze = squeezeFrom(lights[0] ?? 0, tone);
  for (let step = 0; step <= CURVE_STEPS; step += 1) {
    const aim = Math.round(squeeze(step / CURVE_STEPS) * FULL_LIGHT);
    tables.setInt32(CURVE + step * 4, aim | (shareStep(aim, levels) << AIM_BITS), true);
  }
  for (let step = 0; step <= SHARE_STEPS; step += 1) {
    for (const [at, share] of sharesAt(step / SHARE_STEPS / 2).entries()) {
      tables.setInt32(SHARES + (step * 4 + at) * 4, Math.round(share * 2 ** SHARE_BITS), true);
    }
  }
}

/** What each value of red, green and blue adds to the light, so that white makes it full. */
function fillLuminance(tables: DataView): void {
  for (let value = 0; value < 256; value += 1) {
    const light = toLinear(value) * FULL_LIGHT;
    const red = Math.round(light * luminanceOf([1, 0, 0]));
    const blue = Math.round(light * luminanceOf([0, 0, 1]));
    tables.setInt32(RED + value * 4, red, true);
    tables.setInt32(GREEN + value * 4, Math.round(light) - red - blue, true);
    tables.setInt32(BLUE + value * 4, blue, true);
  }
}

/**
 * Where light goes between the panel's black and its white: `lightness` evenly by its cube root as Oklab has it, which
 * unlike L* has no straight part near black and so gives dark pictures more room; `light` evenly by itself.
 */
function squeezeFrom(black: number, tone: Tone): (light: number) => number {
  if (tone === 'light') return (light) => black + (1 - black) * light;
  const least = Math.cbrt(black);
  return (light) => (least + (1 - least) * Math.cbrt(light)) ** 3;
}

/** How far the aim is from the nearer of the two levels around it: 0 on a level, 128 halfway. */
function shareStep(aim: number, levels: readonly number[]): number {
  const above = Math.max(
    1,
    levels.findIndex((light) => light >= aim),
  );
  const [lower = 0, upper = 1] = levels.slice(above - 1, above + 1);
  const share = Math.min(1, Math.max(0, (aim - lower) / (upper - lower)));
  return Math.round(Math.min(share, 1 - share) * 2 * SHARE_STEPS);
}

function sharesAt(share: number): readonly number[] {
  const above = Math.max(
    1,
    ERROR_SHARES.findIndex((row) => row.at >= share),
  );
  const [lower, upper] = ERROR_SHARES.slice(above - 1, above + 1);
  if (lower === undefined || upper === undefined) return [];
  const part = (share - lower.at) / (upper.at - lower.at);
  return lower.shares.map((value, at) => value + ((upper.shares[at] ?? 0) - value) * part);
}
