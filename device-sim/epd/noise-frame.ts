import { type Frame, frameOf } from '../../hardware/index.js';
import { seededRandom } from './seeded-random.js';

/** A frame in two inks whose every pixel is chance, always the same for the same seed. */
export function noiseFrame(seed: number, { width, height } = { width: 800, height: 480 }): Frame {
  const random = seededRandom(seed);
  const data = Uint8Array.from({ length: (width / 8) * height }, () => Math.floor(random() * 256));
  return frameOf(data, { width, height, inkCount: 2 });
}
