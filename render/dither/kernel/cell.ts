import { NODES } from './layout.js';

/** From a node to the next in red, green and blue. */
export const RED_STEP = NODES * NODES;
export const GREEN_STEP = NODES;
export const BLUE_STEP = 1;

/** Where a value 0 to 255 lies between the nodes, in 256ths of a cell. */
export function place(value: i32): i32 {
  return (value * 4112 + 128) >> 8;
}

/** The cell of a place; the last node closes the last cell. */
export function cell(at: i32): i32 {
  return smaller(at >> 8, NODES - 2);
}

/** The step along the axis on which the place has gone farthest into its cell: a cell is cut into six tetrahedra. */
export function firstStep(red: i32, green: i32, most: i32): i32 {
  const notRed = green === most ? GREEN_STEP : BLUE_STEP;
  return red === most ? RED_STEP : notRed;
}

/** The step along the axis on which it has gone least. */
export function lastStep(green: i32, blue: i32, least: i32): i32 {
  const notBlue = green === least ? GREEN_STEP : RED_STEP;
  return blue === least ? BLUE_STEP : notBlue;
}

/** Light of a cube root of light. */
export function cube(root: i32): i32 {
  return (((root * root) >> 12) * root) >> 14;
}

export function larger(a: i32, b: i32): i32 {
  return a > b ? a : b;
}

export function smaller(a: i32, b: i32): i32 {
  return a < b ? a : b;
}
