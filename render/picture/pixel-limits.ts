import type { Metadata } from 'sharp';
import { RenderError } from '../errors.js';

/** The most pixels of one picture, before it is made smaller. */
export const MOST_PICTURE_PIXELS = 50_000_000;
/** The most pixels of a side: of wider rows, several times the whole picture would lie in memory. */
const MOST_SIDE_PIXELS = 32_767;
/** The most memory that reading a picture may take: a hub has 512 MB for everything. */
const MOST_BYTES = 128 * 1024 * 1024;
/** The same for a picture that is read in a process of its own, whose memory is given back. */
const MOST_BYTES_APART = 256 * 1024 * 1024;
/** So many rows lie in memory while a large picture is made smaller in strips: measured, deep samples in two copies. */
const ROWS_OF_A_STRIP = 1600;
const COPIES_IF_DEEP = 2;

type Facts = Pick<Metadata, 'width' | 'height' | 'channels' | 'format'> &
  Partial<Pick<Metadata, 'depth' | 'isProgressive' | 'chromaSubsampling' | 'pages'>>;

/**
 * Holds a picture to what a hub has room for, by its header.
 * @throws `render.picture-too-many-pixels` with the limit for such a picture
 */
export function refuseTooManyPixels(facts: Facts): void {
  const { width, height } = facts;
  if (width * height > MOST_PICTURE_PIXELS) throw tooManyPixels(facts, `${MOST_PICTURE_PIXELS} in all`);
  if (Math.max(width, height) > MOST_SIDE_PIXELS) throw tooManyPixels(facts, `${MOST_SIDE_PIXELS} on a side`);
  // Vectors have neither strips nor rows; the limits of their process hold.
  if (facts.format === 'svg') return;
  const atOnce = bytesAtOncePerPixel(facts);
  const inStrip = facts.format === 'heif' ? 0 : bytesOfPixelInStrip(facts) * Math.min(1, ROWS_OF_A_STRIP / height);
  const isApart = facts.format === 'heif' || facts.format === 'tiff';
  const most = Math.floor((isApart ? MOST_BYTES_APART : MOST_BYTES) / (atOnce + inStrip));
  if (width * height > most) {
    throw tooManyPixels(facts, `${most} for one that is ${atOnce > inStrip ? 'read at once' : `${width} wide`}`);
  }
}

const DEPTH_BYTES: Record<Metadata['depth'], number> = {
  char: 1,
  uchar: 1,
  short: 2,
  ushort: 2,
  int: 4,
  uint: 4,
  float: 4,
  complex: 8,
  double: 8,
  dpcomplex: 16,
};

function bytesOfPixelInStrip({ channels, depth }: Facts): number {
  const sampleBytes = DEPTH_BYTES[depth ?? 'uchar'];
  return channels * sampleBytes * (sampleBytes > 1 ? COPIES_IF_DEEP : 1);
}

/** What must lie in memory as a whole before the picture is made smaller; measured where the format does not say. */
function bytesAtOncePerPixel({ format, channels, depth, isProgressive, chromaSubsampling, pages }: Facts): number {
  const sampleBytes = DEPTH_BYTES[depth ?? 'uchar'];
  // The planes of the decoder, those of the library around it, and the pixels.
  if (format === 'heif') return channels === 4 && sampleBytes > 1 ? 25 : 19;
  // Images lie over each other on a canvas with transparency.
  if (format === 'gif' || (format === 'webp' && (pages ?? 1) > 1)) return 4;
  if (isProgressive !== true) return 0;
  // Coefficients of two bytes, sent in passes over the whole picture.
  if (format === 'jpeg') return 2 * (chromaSubsampling === '4:2:0' ? 1.5 : channels);
  // Interlaced rows come last to last.
  return channels * sampleBytes;
}

function tooManyPixels({ width, height }: Facts, limit: string): RenderError {
  const message = `the picture has ${width} x ${height} pixels, the limit is ${limit}`;
  return new RenderError('render.picture-too-many-pixels', message);
}
