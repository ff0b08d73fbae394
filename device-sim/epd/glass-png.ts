import { promisify } from 'node:util';
import { crc32, deflate } from 'node:zlib';
import type { Glass } from './glass.js';

const compress = promisify(deflate);

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** 8 bits, grey, no interlace. Source: PNG specification, section 11.2.1 (IHDR). */
const GREY_8_BIT = [8, 0, 0, 0, 0] as const;
/**
 * Black and white of e-paper as it is seen. Nobody has published a measurement of this panel; others who show it use
 * about 5 for black and 200 to 220 for white.
 */
const BLACK_SHADE = 5;
const WHITE_SHADE = 215;

/** The glass as an observer sees it: paper instead of white, ghosts and half-driven pixels included. */
export async function glassPng(glass: Glass): Promise<Uint8Array> {
  const { width, height } = glass;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set(GREY_8_BIT, 8);
  // Every row begins with the number of its filter, of which 0 is none.
  const rows = new Uint8Array((width + 1) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const shade = BLACK_SHADE + glass.lightnessAt(x, y) * (WHITE_SHADE - BLACK_SHADE);
      rows[y * (width + 1) + x + 1] = Math.round(shade);
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
