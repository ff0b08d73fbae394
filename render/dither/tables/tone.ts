import type { Triple } from './colour-space.js';

/** sRGB 0 to 255 to linear light 0 to 1, IEC 61966-2-1. */
export function toLinear(value: number): number {
  const share = value / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

/** Relative luminance of linear sRGB, IEC 61966-2-1. */
export function luminanceOf([red, green, blue]: Triple): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
