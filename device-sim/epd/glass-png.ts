import { promisify } from 'node:util';
import { crc32, deflate } from 'node:zlib';
import type { Glass } from './glass.js';
import type { GlassBorder } from './glass-border.js';
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
  /** The ring around the picture, drawn so wide; by default it is left away, and the picture is as large as the glass. */
  readonly border?: { readonly ring: GlassBorder; readonly widthPx: number };
}

/** The glass as an observer sees it, ghosts and half-driven pixels included. */
export async function glassPng(glass: Glass, { inks, look = 'as-seen', border }: GlassLook): Promise<Uint8Array> {
  const { ring, widthPx = 0 } = border ?? {};
  const width = glass.width + 2 * widthPx;
  const height = glass.height + 2 * widthPx;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set(RGB_8_BIT, 8);
  const rgb = rgbOf(inkColours(inks, look), glass.inkCount === 2);
  // Every row begins with the number of its filter, of which 0 is none.
  const stride = width * CHANNELS + 1;
  const rows = new Uint8Array(stride * height);
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const [x, y] = [column - widthPx, row - widthPx];
      const isPicture = x >= 0 && y >= 0 && x < glass.width && y < glass.height;
      const shown = isPicture ? glass.shownAt(x, y) : (ring?.shown ?? 0);
      rows.set(rgb(shown), row * stride + column * CHANNELS + 1);
    }
  }
  const data = await compress(rows);
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', new Uint8Array(0))]);
}

/** The colour of what a pixel shows: a shade between black and white, or an ink. */
function rgbOf(colours: readonly (readonly number[])[], isGrey: boolean): (shown: number) => readonly number[] {
  const [black = [0, 0, 0], white = [0, 0, 0]] = colours;
  if (!isGrey) return (ink) => colours[ink] ?? black;
  return (lightness) => black.map((dark, channel) => Math.round(dark + lightness * ((white[channel] ?? 0) - dark)));
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(data.length + 12);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, 'latin1');
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, -4)), data.length + 8);
  return bytes;
}
