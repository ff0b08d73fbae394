import { idealColours } from '../frame/inks.js';
import { exactIndexes } from '../frame/png.js';
import type { Picture } from '../picture/read.js';
import { diffuseColour } from './colour.js';
import { diffuseGrey } from './grey.js';
import { profileFor } from './profile.js';

/** One ink index per pixel; a picture that is made of exactly the inks already stays as it is. */
export function ditherToInks({ width, height, rgb }: Picture, inks: readonly string[]): Uint8Array {
  const exact = exactIndexes(rgb, idealColours(inks));
  if (exact !== undefined) return exact;
  const profile = profileFor(inks);
  return profile.isGrey ? diffuseGrey(rgb, width, height, profile) : diffuseColour(rgb, width, height, profile);
}
