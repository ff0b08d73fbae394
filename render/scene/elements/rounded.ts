import type { Box } from '../../frame/box.js';
import type { Sheet } from '../../frame/sheet.js';

/** Fills a box with rounded corners. */
export function fillRounded(sheet: Sheet, box: Box, radius: number, ink: number): void {
  const { x, y, width, height } = box;
  const round = roundingOf(box, radius);
  sheet.fill({ x, y: y + round, width, height: height - 2 * round }, ink);
  for (let row = 0; row < round; row += 1) {
    const inset = insetOf(round, row);
    for (const line of [y + row, y + height - 1 - row]) {
      sheet.fill({ x: x + inset, y: line, width: width - 2 * inset, height: 1 }, ink);
    }
  }
}

/** Draws a border of some thickness just inside the edge of a box with rounded corners. */
export function strokeRounded(sheet: Sheet, box: Box, radius: number, thickness: number, ink: number): void {
  const { x, y, width, height } = box;
  const outer = roundingOf(box, radius);
  const inner = Math.max(0, outer - thickness);
  for (let row = 0; row < height; row += 1) {
    const fromEdge = Math.min(row, height - 1 - row);
    const start = insetOf(outer, fromEdge);
    const end = fromEdge < thickness ? width / 2 : thickness + insetOf(inner, fromEdge - thickness);
    if (end * 2 >= width) {
      sheet.fill({ x: x + start, y: y + row, width: width - 2 * start, height: 1 }, ink);
      continue;
    }
    sheet.fill({ x: x + start, y: y + row, width: end - start, height: 1 }, ink);
    sheet.fill({ x: x + width - end, y: y + row, width: end - start, height: 1 }, ink);
  }
}

function roundingOf({ width, height }: Box, radius: number): number {
  return Math.max(0, Math.min(radius, Math.floor(width / 2), Math.floor(height / 2)));
}

/** Pixels that a corner of this radius leaves free in a row, counted from its edge. */
function insetOf(radius: number, row: number): number {
  if (row >= radius) return 0;
  return Math.round(radius - Math.sqrt(radius ** 2 - (radius - row - 0.5) ** 2));
}
