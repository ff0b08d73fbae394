import sharp, { type Metadata, type Sharp } from 'sharp';
import { RenderError } from '../errors.js';
import type { Fit } from '../input.js';

/** 8-bit sRGB, three bytes per pixel, rows first. */
export type Picture = { width: number; height: number; rgb: Uint8Array };

/** The room that a picture gets, in pixels. */
export type Place = { width: number; height: number };

/** The most pixels of one picture, before it is made smaller. */
export const MOST_PICTURE_PIXELS = 50_000_000;
/** The most bytes of a picture that must lie in memory as a whole before it is made smaller: a hub has 512 MB for everything. */
const MOST_BYTES_AT_ONCE = 128 * 1024 * 1024;
const MOST_SECONDS = 20;
const SVG_DPI = 72;
const MOST_SVG_DPI = 7200;

/**
 * Reads a picture of a format that we take, in this thread. An SVG is drawn at the size of its place rather than drawn
 * small and blown up.
 *
 * @throws `render.picture-too-many-pixels`, `render.picture-broken`
 */
export async function readPicture(
  bytes: Uint8Array,
  format: 'bitmap' | 'svg',
  place: Place,
  fit: Fit,
): Promise<Picture> {
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

function open(bytes: Uint8Array, density: number): Sharp {
  return sharp(bytes, { failOn: 'error', limitInputPixels: MOST_PICTURE_PIXELS, density, pages: 1 }).timeout({
    seconds: MOST_SECONDS,
  });
}

/** Size from the header alone, so that a limit is refused by its numbers before a pixel is read. */
async function sizeOf(bytes: Uint8Array): Promise<{ width: number; height: number }> {
  const facts = await sharp(bytes, { failOn: 'error', limitInputPixels: false })
    .metadata()
    .catch((cause: unknown) => {
      throw pictureError(cause);
    });
  const { width, height } = facts;
  if (width * height > MOST_PICTURE_PIXELS) {
    throw tooManyPixels(facts, `${MOST_PICTURE_PIXELS} in all`);
  }
  // Interlaced rows come last to last, and images of a GIF lie over each other: neither can be read in strips.
  const isReadAtOnce = facts.isProgressive || facts.format === 'gif';
  const bytesPerPixel = facts.channels * (facts.depth === 'ushort' ? 2 : 1);
  if (isReadAtOnce && width * height * bytesPerPixel > MOST_BYTES_AT_ONCE) {
    throw tooManyPixels(facts, `${Math.floor(MOST_BYTES_AT_ONCE / bytesPerPixel)} for one that is read at once`);
  }
  return { width, height };
}

function tooManyPixels({ width, height }: Metadata, limit: string): RenderError {
  const message = `the picture has ${width} x ${height} pixels, the limit is ${limit}`;
  return new RenderError('render.picture-too-many-pixels', message);
}

function svgDpiFor(width: number, height: number, place: Place): number {
  const scale = Math.max(place.width / width, place.height / height);
  const most = Math.sqrt(MOST_PICTURE_PIXELS / (width * height));
  return Math.min(MOST_SVG_DPI, Math.max(1, SVG_DPI * Math.min(Math.max(scale, 1), most)));
}

function pictureError(cause: unknown): RenderError {
  const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
  return new RenderError('render.picture-broken', `the picture cannot be read to its end: ${reason}`, { cause });
}
