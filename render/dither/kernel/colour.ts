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
  NODE_AIM,
  NODE_MIX,
  NODES,
  SHARE_BITS,
} from './layout.js';
import { byteAt, halfAt, setByte, setWord, wordAt } from './memory.js';
import { packRow } from './pack-row.js';

const AHEAD = 410;
const BACK = 256;
const SKEW = 51;

const RED_STEP = NODES * NODES;
const GREEN_STEP = NODES;
const BLUE_STEP = 1;

/**
 * Error diffusion of rows of RGB to packed rows of coloured inks, every other row from right to left.
 *
 * @param line number of the first row, which says where it begins and which row of errors is its own
 * @param work room for two rows of errors with a pixel more at each side, three words a pixel, and for one row of indexes
 */
export function colourNormal(input: i32, output: i32, width: i32, rows: i32, line: i32, bits: i32, work: i32): void {
  const side = (width + 2) * 12;
  const indexes = work + 2 * side;
  const rowBytes = (width * bits + 7) >> 3;
  for (let row = 0; row < rows; row += 1) {
    const turn = (line + row) & 1;
    const step = turn === 0 ? 1 : -1;
    const start = turn === 0 ? 0 : width - 1;
    let pixel = input + (row * width + start) * 3;
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
      const redPlace = place(byteAt(pixel));
      const greenPlace = place(byteAt(pixel + 1));
      const bluePlace = place(byteAt(pixel + 2));
      const redCell = cell(redPlace);
      const greenCell = cell(greenPlace);
      const blueCell = cell(bluePlace);
      const redPart = redPlace - (redCell << 8);
      const greenPart = greenPlace - (greenCell << 8);
      const bluePart = bluePlace - (blueCell << 8);
      const corner = redCell * RED_STEP + greenCell * GREEN_STEP + blueCell;
      // The cell is cut into six tetrahedra; the order of the three parts says in which one the colour lies.
      let first = RED_STEP;
      let last = BLUE_STEP;
      let most = redPart;
      let middle = greenPart;
      let least = bluePart;
      if (greenPart > most) {
        first = GREEN_STEP;
        most = greenPart;
        middle = redPart;
      }
      if (bluePart > middle) {
        last = first === RED_STEP ? GREEN_STEP : RED_STEP;
        least = middle;
        middle = bluePart;
        if (bluePart > most) {
          first = BLUE_STEP;
          middle = most;
          most = bluePart;
          last = greenPart > redPart ? RED_STEP : GREEN_STEP;
        }
      }
      const node0 = NODE_AIM + (corner << 3);
      const node1 = NODE_AIM + ((corner + first) << 3);
      const node3 = NODE_AIM + ((corner + RED_STEP + GREEN_STEP + BLUE_STEP) << 3);
      const node2 = node3 - (last << 3);
      const part0 = 256 - most;
      const part1 = most - middle;
      const part2 = middle - least;
      const redRoot =
        (halfAt(node0) * part0 + halfAt(node1) * part1 + halfAt(node2) * part2 + halfAt(node3) * least) >> 8;
      const greenRoot =
        (halfAt(node0 + 2) * part0 +
          halfAt(node1 + 2) * part1 +
          halfAt(node2 + 2) * part2 +
          halfAt(node3 + 2) * least) >>
        8;
      const blueRoot =
        (halfAt(node0 + 4) * part0 +
          halfAt(node1 + 4) * part1 +
          halfAt(node2 + 4) * part2 +
          halfAt(node3 + 4) * least) >>
        8;
      const red = within(cube(redRoot) + wordAt(here) + redAhead);
      const green = within(cube(greenRoot) + wordAt(here + 4) + greenAhead);
      const blue = within(cube(blueRoot) + wordAt(here + 8) + blueAhead);
      const ink = byteAt(NEAREST + (wantedCell(red) << 10) + (wantedCell(green) << 5) + wantedCell(blue));
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

      pixel += step * 3;
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
  const first = redPart === most ? RED_STEP : greenPart === most ? GREEN_STEP : BLUE_STEP;
  const last = bluePart === least ? BLUE_STEP : greenPart === least ? GREEN_STEP : RED_STEP;
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

/** Where a value 0 to 255 lies between the nodes, in 256ths of a cell. */
function place(value: i32): i32 {
  return (value * 4112 + 128) >> 8;
}

function cell(at: i32): i32 {
  return smaller(at >> 8, NODES - 2);
}

/** Light of a cube root of light. */
export function cube(root: i32): i32 {
  return (((root * root) >> 12) * root) >> 14;
}

function within(light: i32): i32 {
  return smaller(larger(light, LEAST_WANTED), MOST_WANTED);
}

/** One of 32 steps of what a pixel may want. */
function wantedCell(light: i32): i32 {
  return ((light - LEAST_WANTED) * 5) >> 14;
}

function larger(a: i32, b: i32): i32 {
  return a > b ? a : b;
}

function smaller(a: i32, b: i32): i32 {
  return a < b ? a : b;
}
