import { ciede2000 } from '../../../render/dither/tables/ciede2000.js';
import type { Triple } from '../../../render/dither/tables/colour-space.js';
import { aims, type Light, seen } from './seen.js';

/**
 * Mean CIEDE2000 between the frame and the picture as an eye sees both; of the two tones that a picture may have on the
 * glass, the one that the frame comes nearer to.
 *
 * @param indexes one ink per pixel
 * @param lights what the inks look like, black first
 */
export function meanDifference(picture: Light, indexes: Uint8Array, lights: readonly Triple[]): number {
  const [black = [0, 0, 0]] = lights;
  const rgb = Float64Array.from({ length: indexes.length * 3 }, (_, at) => {
    return lights[indexes[Math.floor(at / 3)] ?? 0]?.[at % 3] ?? 0;
  });
  const shown = seen({ ...picture, rgb });
  const means = aims(picture, black).map((aim) => {
    const wanted = seen(aim);
    const sum = wanted.reduce((total, lab, at) => total + ciede2000(lab, shown[at] ?? lab), 0);
    return sum / wanted.length;
  });
  return Math.min(...means);
}
