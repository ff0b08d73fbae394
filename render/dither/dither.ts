import { idealColours } from '../frame/inks.js';
import { packFrame } from '../frame/pack.js';
import type { PackedRows } from '../frame/packed-rows.js';
import { exactIndexes } from '../frame/png.js';
import type { Picture } from '../picture/read.js';
import { diffuseColour } from './colour.js';
import { diffuseGrey } from './grey.js';
import { profileFor } from './profile.js';

/**
 * `stable`: a pixel depends on its own colour and place alone, for regions that change often. `normal`: error
 * diffusion. `best`: searches for the pattern that the eye sees least of; takes its time.
 */
export type DitherMode = 'stable' | 'normal' | 'best';

export type DitherOptions = {
  inks: readonly string[];
  /** Which measurement of the inks to trust; left out, the usual one for these inks. */
  profile?: string;
  mode?: DitherMode;
  /** Where the picture's top left lies on the sheet, in pixels, so that `stable` keeps to one pattern over all of it. */
  origin?: { x: number; y: number };
  signal?: AbortSignal;
};

/** The picture in the inks of the panel, packed; a picture that is made of exactly the inks already stays as it is. */
export async function dither(picture: Picture, { inks, signal }: DitherOptions): Promise<PackedRows> {
  signal?.throwIfAborted();
  const { width, height } = picture;
  const { bitsPerPixel, data } = packFrame(ditherToInks(picture, inks), width, height, inks.length);
  return { width, height, bitsPerPixel, data };
}

/** One ink index per pixel; a picture that is made of exactly the inks already stays as it is. */
export function ditherToInks({ width, height, rgb }: Picture, inks: readonly string[]): Uint8Array {
  const exact = exactIndexes(rgb, idealColours(inks));
  if (exact !== undefined) return exact;
  const profile = profileFor(inks);
  return profile.isGrey ? diffuseGrey(rgb, width, height, profile) : diffuseColour(rgb, width, height, profile);
}
