import type { Mask } from '../frame/mask.js';
import { polygonMask } from '../frame/polygon-mask.js';
import { ICON_PATHS } from './icon-paths.js';
import type { IconName } from './names.js';
import { outlineOf } from './outline.js';

const UNITS_A_SIDE = 24;
/** A screen uses a dozen or two; the oldest gives way. */
const MOST_KEPT = 64;
const kept = new Map<string, Mask>();

/** An icon in two levels, `sizePx` on a side. */
export function iconMask(name: IconName, sizePx: number): Mask {
  const key = `${name} ${sizePx}`;
  const mask = kept.get(key) ?? polygonMask(outlineOf(ICON_PATHS[name].path, sizePx / UNITS_A_SIDE), sizePx, sizePx);
  kept.delete(key);
  kept.set(key, mask);
  const [oldest] = kept.keys();
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  return mask;
}
