import {
  AIM_BITS,
  BLUE,
  CURVE,
  GREEN,
  IDEAL,
  INK_OF,
  LEVEL_LIGHT,
  LEVEL_LIMIT,
  MASK,
  MASK_RANK_BITS,
  MASK_SIDE,
  RED,
  SHARE_BITS,
  SHARES,
} from './layout.js';
import { byteAt, halfAt, setByte, setWord, wordAt } from './memory.js';
import { packRow } from './pack-row.js';

/**
 * Error diffusion of rows of RGB to packed rows of greys, every other row from right to left. How the error is shared
 * depends on how far the aim is from a level.
 *
 * @param line number of the first row, which says where it begins and which row of errors is its own
 * @param work room for two rows of errors with a word more at each side, and for one row of indexes
 */
export function greyNormal(
  input: i32,
  output: i32,
  width: i32,
  rows: i32,
  line: i32,
  bits: i32,
  levels: i32,
  work: i32,
): void {
  const side = (width + 2) << 2;
  const indexes = work + 2 * side;
  const rowBytes = (width * bits + 7) >> 3;
  for (let row = 0; row < rows; row += 1) {
    const turn = (line + row) & 1;
    const step = turn === 0 ? 1 : -1;
    const start = turn === 0 ? 0 : width - 1;
    let pixel = input + (row * width + start) * 3;
    let here = work + turn * side + ((start + 1) << 2);
    let below = work + (1 - turn) * side + ((start + 1) << 2);
    let index = indexes + start;
    let ahead = 0;
    let under = 0;
    let behind = 0;
    for (let left = width; left > 0; left -= 1) {
      const light =
        wordAt(RED + (byteAt(pixel) << 2)) +
        wordAt(GREEN + (byteAt(pixel + 1) << 2)) +
        wordAt(BLUE + (byteAt(pixel + 2) << 2));
      const aim = wordAt(CURVE + (light & -4));
      const wanted = (aim & ((1 << AIM_BITS) - 1)) + wordAt(here) + ahead;
      let level = 0;
      while (level < levels - 1 && wanted > wordAt(LEVEL_LIMIT + (level << 2))) level += 1;
      setByte(index, byteAt(INK_OF + level));
      const error = wanted - wordAt(LEVEL_LIGHT + (level << 2));
      const shares = SHARES + ((aim >> AIM_BITS) << 4);
      ahead = (error * wordAt(shares)) >> SHARE_BITS;
      const back = (error * wordAt(shares + 4)) >> SHARE_BITS;
      const skew = (error * wordAt(shares + 12)) >> SHARE_BITS;
      setWord(below - (step << 2), behind + back);
      behind = under + error - ahead - back - skew;
      under = skew;
      pixel += step * 3;
      here += step << 2;
      below += step << 2;
      index += step;
    }
    setWord(below - (step << 2), behind);
    packRow(indexes, output + row * rowBytes, width, bits);
  }
}

/**
 * Rows of RGB to packed rows of greys, each pixel by itself against a mask that is fixed to the sheet.
 *
 * @param left where on the sheet the rows begin
 * @param top where on the sheet the first row lies
 */
export function greyStable(
  input: i32,
  output: i32,
  width: i32,
  rows: i32,
  left: i32,
  top: i32,
  bits: i32,
  levels: i32,
  work: i32,
): void {
  const rowBytes = (width * bits + 7) >> 3;
  let pixel = input;
  for (let row = 0; row < rows; row += 1) {
    const maskRow = MASK + ((top + row) & (MASK_SIDE - 1)) * MASK_SIDE * 2;
    for (let x = 0; x < width; x += 1) {
      const red = byteAt(pixel);
      const green = byteAt(pixel + 1);
      const blue = byteAt(pixel + 2);
      pixel += 3;
      let level = exactInk((red << 16) | (green << 8) | blue, levels);
      if (level < 0) {
        const light = wordAt(RED + (red << 2)) + wordAt(GREEN + (green << 2)) + wordAt(BLUE + (blue << 2));
        const aim = wordAt(CURVE + (light & -4)) & ((1 << AIM_BITS) - 1);
        level = 0;
        while (level < levels - 2 && aim >= wordAt(LEVEL_LIGHT + ((level + 1) << 2))) level += 1;
        const darker = wordAt(LEVEL_LIGHT + (level << 2));
        const lighter = wordAt(LEVEL_LIGHT + ((level + 1) << 2));
        const rank = halfAt(maskRow + (((left + x) & (MASK_SIDE - 1)) << 1));
        if ((aim - darker) << MASK_RANK_BITS > rank * (lighter - darker)) level += 1;
      }
      setByte(work + x, byteAt(INK_OF + level));
    }
    packRow(work, output + row * rowBytes, width, bits);
  }
}

/** The ink that the colour names exactly, or -1. */
export function exactInk(colour: i32, inks: i32): i32 {
  for (let ink = 0; ink < inks; ink += 1) {
    if (wordAt(IDEAL + (ink << 2)) === colour) return ink;
  }
  return -1;
}
