import type { Frame } from './frame.js';

/** How many pixels differ between two frames of one geometry. */
export function changedPixels(before: Frame, after: Frame): number {
  if (before.sha256 === after.sha256) return 0;
  let pixels = 0;
  for (let at = 0; at < after.data.length; at += 1) {
    const changed = (before.data[at] ?? 0) ^ (after.data[at] ?? 0);
    if (changed !== 0) pixels += pixelsIn(changed, after.bitsPerPixel);
  }
  return pixels;
}

function pixelsIn(changed: number, bitsPerPixel: 1 | 2 | 4): number {
  const mask = (1 << bitsPerPixel) - 1;
  let pixels = 0;
  for (let rest = changed; rest !== 0; rest >>>= bitsPerPixel) if ((rest & mask) !== 0) pixels += 1;
  return pixels;
}
