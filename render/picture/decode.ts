import { RenderError } from '../errors.js';
import type { Fit } from '../input.js';
import { drawSvgApart } from '../svg/draw-svg-apart.js';
import { type Picture, type Place, readPicture } from './read.js';

/** The longest file that is read: the largest camera pictures stay below it. */
export const MOST_PICTURE_BYTES = 32 * 1024 * 1024;

/**
 * Reads a picture and scales it for its place: `fit` inside it, `fill` over all of it, cropped about the middle.
 * Turned as its EXIF orientation says, on white where it is transparent, the first image of an animation.
 *
 * @throws `render.picture-unknown-format`, `render.picture-too-many-bytes`, `render.picture-too-many-pixels`,
 *   `render.picture-broken`
 */
export async function decodePicture(bytes: Uint8Array, place: Place, fit: Fit): Promise<Picture> {
  if (bytes.length > MOST_PICTURE_BYTES) {
    const facts = `the picture has ${bytes.length} bytes, the limit is ${MOST_PICTURE_BYTES}`;
    throw new RenderError('render.picture-too-many-bytes', facts);
  }
  const format = formatOf(bytes);
  if (format === undefined) {
    throw new RenderError('render.picture-unknown-format', 'the bytes are no PNG, JPEG, GIF, WebP or SVG');
  }
  return format === 'svg' ? await drawSvgApart(bytes, place, fit) : await readPicture(bytes, format, place, fit);
}

function formatOf(bytes: Uint8Array): 'bitmap' | 'svg' | undefined {
  const start = Buffer.from(bytes.subarray(0, 1024));
  const isBitmap = BITMAP_SIGNATURES.some(({ at, hex }) => {
    return start.subarray(at, at + hex.length / 2).toString('hex') === hex;
  });
  if (isBitmap) return 'bitmap';
  return SVG_START.test(start.toString('utf8')) ? 'svg' : undefined;
}

const BITMAP_SIGNATURES = [
  { at: 0, hex: '89504e470d0a1a0a' }, // PNG
  { at: 0, hex: 'ffd8ff' }, // JPEG
  { at: 0, hex: '474946383761' }, // GIF87a
  { at: 0, hex: '474946383961' }, // GIF89a
  { at: 8, hex: '57454250' }, // WebP, inside RIFF
] as const;
const SVG_START = /^\ufeff?\s*(?:<\?xml|<!--|<!DOCTYPE\s+svg|<svg)/i;
