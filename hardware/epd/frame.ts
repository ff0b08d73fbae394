import { createHash } from 'node:crypto';
import { HardwareError } from '../errors.js';

/**
 * What a panel takes: one ink index per pixel, packed, rows first, the leftmost pixel in the most significant bits.
 * A row that does not fill its last byte is padded with zero bits, so that every row starts on a byte.
 */
export interface Frame {
  readonly width: number;
  readonly height: number;
  /** 1 for two inks, 2 for up to four, 4 for up to sixteen. */
  readonly bitsPerPixel: 1 | 2 | 4;
  /** `ceil(width * bitsPerPixel / 8) * height` bytes. */
  readonly data: Uint8Array;
  /** SHA-256 of `data` in lower-case hex: the name under which the frame travels and is proved. */
  readonly sha256: string;
}

/** The fewest bits that hold an index into so many inks. */
export function bitsPerPixelFor(inkCount: number): 1 | 2 | 4 {
  if (inkCount <= 2) return 1;
  return inkCount <= 4 ? 2 : 4;
}

/** Bytes of one packed row. */
export function rowBytes(width: number, bitsPerPixel: 1 | 2 | 4): number {
  return Math.ceil((width * bitsPerPixel) / 8);
}

/**
 * A frame around packed bytes, which it keeps and names by their hash.
 * @throws HardwareError `epd.wrong-geometry` if there are too few or too many bytes
 */
export function frameOf(data: Uint8Array, shape: { width: number; height: number; inkCount: number }): Frame {
  const { width, height, inkCount } = shape;
  const bitsPerPixel = bitsPerPixelFor(inkCount);
  const wanted = rowBytes(width, bitsPerPixel) * height;
  if (data.length !== wanted) {
    const message = `${data.length} bytes for ${width} x ${height} in ${inkCount} inks, which takes ${wanted}`;
    throw new HardwareError('epd.wrong-geometry', message);
  }
  return { width, height, bitsPerPixel, data, sha256: createHash('sha256').update(data).digest('hex') };
}
