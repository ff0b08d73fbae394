import { aimRow } from './aim-row.js';
import { BLUE_STEP, cell, firstStep, GREEN_STEP, larger, lastStep, place, RED_STEP, smaller } from './cell.js';
import { exactInk } from './grey.js';
import {
  INK_LIGHT,
  INK_OF,
  LANE_INK,
  LEAST_WANTED,
  MASK,
  MASK_SIDE,
  MIX_LANES,
  MOST_WANTED,
  NEAREST,
  NODE_MIX,
  SHARE_BITS,
} from './layout.js';
import { byteAt, halfAt, setByte, setWord, wordAt } from './memory.js';
import { packRow } from './pack-row.js';

const AHEAD = 410;
const BACK = 256;
const SKEW = 51;

/**
 * Error diffusion of rows of RGB to packed rows of coloured inks, every other row from right to left.
 *
 * @param line number of the first row, which says where it begins and which row of errors is its own
 * @param work room for two rows of errors with a pixel more at each side, three words a pixel, one row of aims and one of
 *   indexes
 */
export function colourNormal(input: i32, output: i32, width: i32, rows: i32, line: i32, bits: i32, work: i32): void {
  const side = (width + 2) * 12;
  const aims = work + 2 * side;
  const indexes = aims + (width << 4);
  const rowBytes = (width * bits + 7) >> 3;
  for (let row = 0; row < rows; row += 1) {
    const turn = (line + row) & 1;
    const step = turn === 0 ? 1 : -1;
    const start = turn === 0 ? 0 : width - 1;
    aimRow(input + row * width * 3, aims, width);
    let aim = aims + (start << 4);
    let here = work + turn * side + (start + 1) * 12;
    let below = work + (1 - turn) * side + (start + 1) * 12;
    let index = indexes + start;
    let redAhead = 0;
    let greenAhead = 0;
    let blueAhead = 0;
    let redUnder = 0;
    let greenUnder = 0;
    let blueUnder = 0;
    let redBehind = 0;
    let greenBehind = 0;
    let blueBehind = 0;
    for (let left = width; left > 0; left -= 1) {
      const red = within(wordAt(aim) + wordAt(here) + redAhead);
      const green = within(wordAt(aim + 4) + wordAt(here + 4) + greenAhead);
      const blue = within(wordAt(aim + 8) + wordAt(here + 8) + blueAhead);
      const ink = byteAt(NEAREST + (wantedCell(red) << 12) + (wantedCell(green) << 6) + wantedCell(blue));
      setByte(index, byteAt(INK_OF + ink));
      const light = INK_LIGHT + (ink << 4);

      const redError = red - wordAt(light);
      redAhead = (redError * AHEAD) >> SHARE_BITS;
      const redBack = (redError * BACK) >> SHARE_BITS;
      const redSkew = (redError * SKEW) >> SHARE_BITS;
      const behind = below - step * 12;
      setWord(behind, redBehind + redBack);
      redBehind = redUnder + redError - redAhead - redBack - redSkew;
      redUnder = redSkew;

      const greenError = green - wordAt(light + 4);
      greenAhead = (greenError * AHEAD) >> SHARE_BITS;
      const greenBack = (greenError * BACK) >> SHARE_BITS;
      const greenSkew = (greenError * SKEW) >> SHARE_BITS;
      setWord(behind + 4, greenBehind + greenBack);
      greenBehind = greenUnder + greenError - greenAhead - greenBack - greenSkew;
      greenUnder = greenSkew;

      const blueError = blue - wordAt(light + 8);
      blueAhead = (blueError * AHEAD) >> SHARE_BITS;
      const blueBack = (blueError * BACK) >> SHARE_BITS;
      const blueSkew = (blueError * SKEW) >> SHARE_BITS;
      setWord(behind + 8, blueBehind + blueBack);
      blueBehind = blueUnder + blueError - blueAhead - blueBack - blueSkew;
      blueUnder = blueSkew;

      aim += step << 4;
      here += step * 12;
      below += step * 12;
      index += step;
    }
    const end = below - step * 12;
    setWord(end, redBehind);
    setWord(end + 4, greenBehind);
    setWord(end + 8, blueBehind);
    packRow(indexes, output + row * rowBytes, width, bits);
  }
}

/**
 * Rows of RGB to packed rows of coloured inks, each pixel by itself against a mask that is fixed to the sheet.
 *
 * @param left where on the sheet the rows begin
 * @param top where on the sheet the first row lies
 */
export function colourStable(
  input: i32,
  output: i32,
  width: i32,
  rows: i32,
  left: i32,
  top: i32,
  bits: i32,
  inks: i32,
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
      let ink = exactInk((red << 16) | (green << 8) | blue, inks);
      if (ink < 0) {
        const rank = halfAt(maskRow + (((left + x) & (MASK_SIDE - 1)) << 1));
        ink = mixedInk(red, green, blue, rank, inks);
      }
      setByte(work + x, byteAt(INK_OF + ink));
    }
    packRow(work, output + row * rowBytes, width, bits);
  }
}

/** Of the inks that mix the colour, laid end to end from the darkest, the one on which the rank falls. */
function mixedInk(red: i32, green: i32, blue: i32, rank: i32, inks: i32): i32 {
  const redCell = cell(place(red));
  const greenCell = cell(place(green));
  const blueCell = cell(place(blue));
  const redPart = place(red) - (redCell << 8);
  const greenPart = place(green) - (greenCell << 8);
  const bluePart = place(blue) - (blueCell << 8);
  const corner = NODE_MIX + (redCell * RED_STEP + greenCell * GREEN_STEP + blueCell) * MIX_LANES * 2;
  const most = larger(redPart, larger(greenPart, bluePart));
  const least = smaller(redPart, smaller(greenPart, bluePart));
  const middle = redPart + greenPart + bluePart - most - least;
  const first = firstStep(redPart, greenPart, most);
  const last = lastStep(greenPart, bluePart, least);
  const node1 = corner + first * MIX_LANES * 2;
  const node3 = corner + (RED_STEP + GREEN_STEP + BLUE_STEP) * MIX_LANES * 2;
  const node2 = node3 - last * MIX_LANES * 2;
  let sum = 0;
  let lane = 0;
  while (lane < inks - 1) {
    const at = lane << 1;
    sum +=
      halfAt(corner + at) * (256 - most) +
      halfAt(node1 + at) * (most - middle) +
      halfAt(node2 + at) * (middle - least) +
      halfAt(node3 + at) * least;
    if (rank << 8 < sum) break;
    lane += 1;
  }
  return byteAt(LANE_INK + lane);
}

function within(light: i32): i32 {
  return smaller(larger(light, LEAST_WANTED), MOST_WANTED);
}

/** One of 32 steps of what a pixel may want. */
function wantedCell(light: i32): i32 {
  return ((light - LEAST_WANTED) * 5) >> 13;
}
