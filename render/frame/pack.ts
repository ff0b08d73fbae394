import assert from 'node:assert';
import { createHash } from 'node:crypto';
import type { Frame } from '../../hardware/index.js';
import type { PackedRows } from './packed-rows.js';

/**
 * Packs one ink index per pixel, rows first, the leftmost pixel in the most significant bits, and names the frame by
 * the SHA-256 of the packed bytes.
 *
 * @param indexes `width * height` ink indexes, each below `inkCount`
 * @param inkCount 2 inks take 1 bit per pixel, up to 4 take 2, up to 16 take 4
 */
export function packFrame(indexes: Uint8Array, width: number, height: number, inkCount: number): Frame {
  assert(indexes.length === width * height, `${indexes.length} indexes for ${width} x ${height} pixels`);
  const bitsPerPixel = bitsFor(inkCount);
  const data = packIndexes(indexes, width, height, bitsPerPixel);
  return { width, height, bitsPerPixel, data, sha256: createHash('sha256').update(data).digest('hex') };
}

/** Packs one ink index per pixel as a frame does. */
export function packIndexes(indexes: Uint8Array, width: number, height: number, bitsPerPixel: 1 | 2 | 4): Uint8Array {
  const data = new Uint8Array(Math.ceil((width * bitsPerPixel) / 8) * height);
  let at = 0;
  let out = 0;
  for (let y = 0; y < height; y += 1) {
    let byte = 0;
    let free = 8;
    for (let x = 0; x < width; x += 1) {
      free -= bitsPerPixel;
      byte |= (indexes[at++] ?? 0) << free;
      if (free === 0) {
        data[out++] = byte;
        byte = 0;
        free = 8;
      }
    }
    if (free < 8) data[out++] = byte;
  }
  return data;
}

/** One ink index per pixel, rows first: the inverse of `packFrame`. */
export function unpackFrame({ width, height, bitsPerPixel, data }: PackedRows): Uint8Array {
  const stride = Math.ceil((width * bitsPerPixel) / 8);
  assert(data.length === stride * height, `${data.length} bytes for ${width} x ${height} at ${bitsPerPixel} bits`);
  const indexes = new Uint8Array(width * height);
  const mask = (1 << bitsPerPixel) - 1;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const bit = x * bitsPerPixel;
      const byte = data[y * stride + (bit >> 3)] ?? 0;
      indexes[y * width + x] = (byte >> (8 - bitsPerPixel - (bit & 7))) & mask;
    }
  }
  return indexes;
}

/** The fewest bits that hold an index into so many inks. */
export function bitsFor(inkCount: number): 1 | 2 | 4 {
  assert(inkCount >= 2 && inkCount <= 16, `${inkCount} inks`);
  if (inkCount <= 2) return 1;
  return inkCount <= 4 ? 2 : 4;
}
