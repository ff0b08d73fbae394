import type { Mask } from '../frame/mask.js';
import type { Bitmap } from '../text/draw.js';

/** The bitmap with a bit for each pixel. */
export function maskOf({ width, height, pixels }: Bitmap): Mask {
  const stride = Math.ceil(width / 8);
  const bits = new Uint8Array(stride * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = y * stride + (x >> 3);
      if (pixels[y * width + x] !== 0) bits[at] = (bits[at] ?? 0) | (0x80 >> (x & 7));
    }
  }
  return { width, height, bits };
}
