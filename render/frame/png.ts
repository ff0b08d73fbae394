import { crc32, deflateSync } from 'node:zlib';
import type { Frame } from '../../hardware/index.js';
import { RenderError } from '../errors.js';
import { idealColours, type Rgb } from './inks.js';
import { packFrame } from './pack.js';

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const INDEXED = 3;
const NO_FILTER = 0;
/** More than any frame has: 4096 x 4096. */
const MOST_PIXELS = 4096 ** 2;
const MOST_SECONDS = 10;

/**
 * A palette PNG of the frame, its rows as they are packed.
 *
 * @param inks the panel's inks in the order of their index
 * @param colours what each ink looks like; left out, the ideal colours that `pngToFrame` reads back
 */
export async function frameToPng(
  frame: Frame,
  inks: readonly string[],
  colours: readonly Rgb[] = idealColours(inks),
): Promise<Uint8Array> {
  const { width, height, bitsPerPixel, data } = frame;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([bitsPerPixel, INDEXED], 8);
  const stride = data.length / height;
  const rows = Buffer.alloc((stride + 1) * height, NO_FILTER);
  for (let y = 0; y < height; y += 1) rows.set(data.subarray(y * stride, (y + 1) * stride), y * (stride + 1) + 1);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', Uint8Array.from(colours.flat())),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', new Uint8Array()),
  ]);
}

/**
 * The frame that a PNG in the inks' ideal colours shows, for proof.
 * @throws `render.inks-not-exact` when a pixel has any other colour, `render.picture-broken` when it is no picture or one
 *   larger than 4096 x 4096
 */
export async function pngToFrame(png: Uint8Array, inks: readonly string[]): Promise<Frame> {
  const { default: sharp } = await import('sharp');
  const { data, info } = await sharp(png, { limitInputPixels: MOST_PIXELS })
    .timeout({ seconds: MOST_SECONDS })
    .flatten()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((cause: unknown) => {
      throw new RenderError('render.picture-broken', `not a PNG that can be read: ${String(cause)}`, { cause });
    });
  const indexes = exactIndexes(data, idealColours(inks));
  if (indexes === undefined) throw new RenderError('render.inks-not-exact', `a colour is none of ${inks.join(', ')}`);
  return packFrame(indexes, info.width, info.height, inks.length);
}

/** Ink indexes of 8-bit RGB pixels, or undefined if any is not exactly one of the colours. */
export function exactIndexes(rgb: Uint8Array, colours: readonly Rgb[]): Uint8Array | undefined {
  const known = new Map(colours.map(([red, green, blue], index) => [(red << 16) | (green << 8) | blue, index]));
  const indexes = new Uint8Array(rgb.length / 3);
  for (let at = 0; at < indexes.length; at += 1) {
    const key = ((rgb[at * 3] ?? 0) << 16) | ((rgb[at * 3 + 1] ?? 0) << 8) | (rgb[at * 3 + 2] ?? 0);
    const index = known.get(key);
    if (index === undefined) return undefined;
    indexes[at] = index;
  }
  return indexes;
}

function chunk(type: string, body: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(body.length, 0);
  framed.set(named, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
}
