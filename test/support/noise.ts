import { seededRandom } from '../../device-sim/epd/seeded-random.js';
import { bitsPerPixelFor, type Frame, frameOf, rowBytes } from '../../hardware/index.js';

/** A frame whose every pixel is an ink by chance, always the same for the same seed; what pads a row is zero. */
export function noise(seed: number, { width, height, inks }: { width: number; height: number; inks: number }): Frame {
  const random = seededRandom(seed);
  const bitsPerPixel = bitsPerPixelFor(inks);
  const stride = rowBytes(width, bitsPerPixel);
  const data = new Uint8Array(stride * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = y * stride + ((x * bitsPerPixel) >> 3);
      const shift = 8 - bitsPerPixel - ((x * bitsPerPixel) & 7);
      data[at] = (data[at] ?? 0) | (Math.floor(random() * inks) << shift);
    }
  }
  return frameOf(data, { width, height, inkCount: inks });
}
