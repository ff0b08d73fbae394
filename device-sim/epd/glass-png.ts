import { promisify } from 'node:util';
import { crc32, deflate } from 'node:zlib';
import type { Glass } from './glass.js';
import { type InkLook, inkColours } from './ink-colours.js';

const compress = promisify(deflate);

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** 8 bits of each of red, green and blue, no interlace. Source: PNG specification, section 11.2.1 (IHDR). */
const RGB_8_BIT = [8, 2, 0, 0, 0] as const;
const CHANNELS = 3;

/** How a glass is drawn. */
export interface GlassLook {
  /** By ink index. */
  readonly inks: readonly string[];
  /** By default as it is seen: paper instead of white. */
  readonly look?: InkLook;
}

/** The glass as an observer sees it, ghosts and half-driven pixels included. */
export async function glassPng(glass: Glass, { inks, look = 'as-seen' }: GlassLook): Promise<Uint8Array> {
  const { width, height } = glass;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set(RGB_8_BIT, 8);
  const colours = inkColours(inks, look);
  const isGrey = glass.inkCount === 2;
  const [black = [0, 0, 0], white = [0, 0, 0]] = colours;
  const indexes = isGrey ? undefined : glass.indexes();
  // Every row begins with the number of its filter, of which 0 is none.
  const stride = width * CHANNELS + 1;
  const rows = new Uint8Array(stride * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const ink = colours[indexes?.[y * width + x] ?? 0] ?? black;
      const lightness = isGrey ? glass.lightnessAt(x, y) : 0;
      for (let channel = 0; channel < CHANNELS; channel += 1) {
        const dark = black[channel] ?? 0;
        const shade = isGrey ? dark + lightness * ((white[channel] ?? 0) - dark) : (ink[channel] ?? 0);
        rows[y * stride + x * CHANNELS + channel + 1] = Math.round(shade);
      }
    }
  }
  const data = await compress(rows);
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', new Uint8Array(0))]);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(data.length + 12);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, 'latin1');
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, -4)), data.length + 8);
  return bytes;
}
