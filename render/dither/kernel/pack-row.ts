import { byteAt, setByte } from './memory.js';

/** Packs a row of ink indexes, one byte each, the leftmost pixel into the most significant bits. */
export function packRow(indexes: i32, output: i32, width: i32, bits: i32): void {
  let to = output;
  let byte = 0;
  let free = 8;
  for (let x = 0; x < width; x += 1) {
    free -= bits;
    byte |= byteAt(indexes + x) << free;
    if (free === 0) {
      setByte(to, byte);
      to += 1;
      byte = 0;
      free = 8;
    }
  }
  if (free < 8) setByte(to, byte);
}
