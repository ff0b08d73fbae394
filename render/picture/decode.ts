import sharp, { type Sharp } from 'sharp';
import { RenderError } from '../errors.js';
import type { Fit } from '../input.js';

/** 8-bit sRGB, three bytes per pixel, rows first. */
export type Picture = { width: number; height: number; rgb: Uint8Array };

/** The longest file that is read: the largest camera pictures stay below it. */
export const MOST_PICTURE_BYTES = 32 * 1024 * 1024;
/** The most pixels of one picture, before it is made smaller. */
export const MOST_PICTURE_PIXELS = 50_000_000;
const MOST_SECONDS = 20;
const SVG_DPI = 72;
const MOST_SVG_DPI = 7200;

/**
 * Reads a picture and scales it for its place: `fit` inside it, `fill` over all of it, cropped about the middle.
 * Turned as its EXIF orientation says, on white where it is transparent, the first image of an animation.
 *
 * @throws `render.picture-unknown-format`, `render.picture-too-many-bytes`, `render.picture-too-many-pixels`,
 *   `render.picture-broken`
 */
export async function decodePicture(
  bytes: Uint8Array,
  place: { width: number; height: number },
  fit: Fit,
): Promise<Picture> {
  if (bytes.length > MOST_PICTURE_BYTES) {
    const facts = `the picture has ${bytes.length} bytes, the limit is ${MOST_PICTURE_BYTES}`;
    throw new RenderError('render.picture-too-many-bytes', facts);
  }
  const format = formatOf(bytes);
  if (format === undefined) {
    throw new RenderError('render.picture-unknown-format', 'the bytes are no PNG, JPEG, GIF, WebP or SVG');
  }
  const { width, height } = await sizeOf(bytes);
  const density = format === 'svg' ? svgDpiFor(width, height, place) : SVG_DPI;
  return await open(bytes, density)
    .autoOrient()
    .resize({ ...place, fit: fit === 'fill' ? 'cover' : 'inside' })
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
    .then(({ data, info }) => ({ width: info.width, height: info.height, rgb: data }))
    .catch((cause: unknown) => {
      throw pictureError(cause);
    });
}

function open(bytes: Uint8Array, density = SVG_DPI): Sharp {
  return sharp(bytes, { failOn: 'error', limitInputPixels: MOST_PICTURE_PIXELS, density, pages: 1 }).timeout({
    seconds: MOST_SECONDS,
  });
}

/** Size from the header alone, so that a limit is refused by its numbers before a pixel is read. */
async function sizeOf(bytes: Uint8Array): Promise<{ width: number; height: number }> {
  const { width, height } = await sharp(bytes, { failOn: 'error', limitInputPixels: false })
    .metadata()
    .catch((cause: unknown) => {
      throw pictureError(cause);
    });
  if (width * height > MOST_PICTURE_PIXELS) {
    const facts = `the picture has ${width} x ${height} pixels, the limit is ${MOST_PICTURE_PIXELS} in all`;
    throw new RenderError('render.picture-too-many-pixels', facts);
  }
  return { width, height };
}

/** An SVG is drawn at the size of its place rather than drawn small and blown up. */
function svgDpiFor(width: number, height: number, place: { width: number; height: number }): number {
  const scale = Math.max(place.width / width, place.height / height);
  const most = Math.sqrt(MOST_PICTURE_PIXELS / (width * height));
  return Math.min(MOST_SVG_DPI, Math.max(1, SVG_DPI * Math.min(Math.max(scale, 1), most)));
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

function pictureError(cause: unknown): RenderError {
  const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
  return new RenderError('render.picture-broken', `the picture cannot be read to its end: ${reason}`, { cause });
}
