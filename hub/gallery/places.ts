import { PANELS } from '../../hardware/index.js';

/** A panel as people hang it. */
export type Place = { panel: string; width: number; height: number; inks: readonly string[]; upright: boolean };

/** Panels whose longer side is told as their height, and that mostly lie in a frame. */
const LYING = ['2in13_V4', '2in9_V2', '2in7_V2'];
/** Panels that are shown upright too. */
const ALSO_UPRIGHT = ['7in5_V2'];

/** Every panel once, the most common one lying and upright. */
export const PLACES: readonly Place[] = Object.entries(PANELS).flatMap(([panel, { width, height, inks }]) => {
  const lying = { panel, width: Math.max(width, height), height: Math.min(width, height), inks, upright: false };
  const upright = { panel, width: lying.height, height: lying.width, inks, upright: true };
  if (ALSO_UPRIGHT.includes(panel)) return [lying, upright];
  return height > width && !LYING.includes(panel) ? [upright] : [lying];
});
