import { RenderError } from '../errors.js';
import type { Fit } from '../input.js';
import { readPictureApart } from './apart/read-picture-apart.js';
import { isHevc, PICTURE_NAMES, type PictureType, pictureTypeOf } from './format.js';
import type { Picture } from './picture.js';
import { withoutPngText } from './png-text.js';
import { type Paper, type Place, readPicture } from './read.js';

/** The longest file that is read: the largest camera pictures stay below it. */
export const MOST_PICTURE_BYTES = 32 * 1024 * 1024;

/** Formats whose header does not bound what their decoder takes. */
const READ_APART: readonly PictureType[] = ['image/svg+xml', 'image/avif', 'image/tiff'];

/**
 * Reads a picture and scales it for its place: `fit` inside it, `fill` over all of it, cropped about the middle.
 * Turned as its EXIF orientation says, in sRGB by its own profile, on the paper where it is transparent, the first image
 * of an animation.
 *
 * @throws `render.picture-unknown-format`, `render.picture-too-many-bytes`, `render.picture-too-many-pixels`,
 *   `render.picture-broken`
 */
export async function decodePicture(bytes: Uint8Array, place: Place, fit: Fit, paper?: Paper): Promise<Picture> {
  if (bytes.length > MOST_PICTURE_BYTES) {
    const facts = `the picture has ${bytes.length} bytes, the limit is ${MOST_PICTURE_BYTES}`;
    throw new RenderError('render.picture-too-many-bytes', facts);
  }
  const type = pictureTypeOf(bytes);
  if (type === undefined) {
    const facts = isHevc(bytes) ? 'the picture is a HEIC, made with HEVC; it has to be' : 'the bytes are no';
    throw new RenderError('render.picture-unknown-format', `${facts} ${PICTURE_NAMES}`);
  }
  const asked = { type, place, fit, paper };
  if (READ_APART.includes(type)) return await readPictureApart(bytes, asked);
  return await readPicture(type === 'image/png' ? withoutPngText(bytes) : bytes, asked);
}
