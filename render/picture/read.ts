import sharp, { type Sharp } from 'sharp';
import { RenderError } from '../errors.js';
import type { Fit } from '../input.js';
import type { PictureType } from './format.js';
import type { Picture } from './picture.js';
import { MOST_PICTURE_PIXELS, refuseTooManyPixels } from './pixel-limits.js';

/** The room that a picture gets, in pixels. */
export type Place = { width: number; height: number };

/** What shows where a picture is transparent. */
export type Paper = 'white' | 'black';

/** How a picture is wanted; left out, it lies on white paper. */
export type AskedPicture = { type: PictureType; place: Place; fit: Fit; paper?: Paper | undefined };

const MOST_SECONDS = 20;
const SVG_DPI = 72;
const MOST_SVG_DPI = 7200;

/**
 * Reads a picture of this type, in this thread. An SVG is drawn at the size of its place rather than drawn small and
 * blown up.
 *
 * @throws `render.picture-too-many-pixels`, `render.picture-broken`
 */
export async function readPicture(
  bytes: Uint8Array,
  { type, place, fit, paper = 'white' }: AskedPicture,
): Promise<Picture> {
  // Size from the header alone, so that a limit is refused by its numbers before a pixel is read.
  const facts = await sharp(bytes, { failOn: 'error', limitInputPixels: false })
    .metadata()
    .catch((cause: unknown) => {
      throw pictureError(cause);
    });
  refuseTooManyPixels(facts);
  const density = type === 'image/svg+xml' ? svgDpiFor(facts.width, facts.height, place) : SVG_DPI;
  return await open(bytes, density)
    .autoOrient()
    .resize({ ...place, fit: fit === 'fill' ? 'cover' : 'inside' })
    .flatten({ background: paper })
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

function svgDpiFor(width: number, height: number, place: Place): number {
  const scale = Math.max(place.width / width, place.height / height);
  const most = Math.sqrt(MOST_PICTURE_PIXELS / (width * height));
  return Math.min(MOST_SVG_DPI, Math.max(1, SVG_DPI * Math.min(Math.max(scale, 1), most)));
}

function pictureError(cause: unknown): RenderError {
  const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
  return new RenderError('render.picture-broken', `the picture cannot be read to its end: ${reason}`, { cause });
}
