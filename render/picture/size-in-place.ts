import sharp from 'sharp';
import type { Fit } from '../input.js';
import { decodePicture } from './decode.js';
import { pictureTypeOf } from './format.js';
import type { Place } from './read.js';

/** Formats whose header is read without harm, and tells the size. */
const TELLING = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

/**
 * The size that a picture comes out with in its place, without drawing it where its header tells.
 * @throws `render.picture-...`
 */
export async function sizeInPlace(bytes: Uint8Array, place: Place, fit: Fit): Promise<Place> {
  if (fit === 'fill') return { width: place.width, height: place.height };
  if (!TELLING.includes(pictureTypeOf(bytes) ?? '')) return await drawnSize(bytes, place);
  const facts = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch(() => undefined);
  if (facts === undefined) return await drawnSize(bytes, place);
  const { width, height } = facts.autoOrient;
  const scale = Math.min(place.width / width, place.height / height);
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

async function drawnSize(bytes: Uint8Array, place: Place): Promise<Place> {
  const { width, height } = await decodePicture(bytes, { width: place.width, height: place.height }, 'fit');
  return { width, height };
}
