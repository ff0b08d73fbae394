import type { Mask } from './mask.js';

/** Corners in turn as x, y, x, y, in pixels from the top left of the mask; the last joins the first. */
export type Polygon = readonly number[];

/** Lines looked along in each row of pixels. */
const LINES_A_ROW = 4;
/** A pixel is set when half of it is covered. */
const LEAST_COVER = LINES_A_ROW / 2;

/**
 * What the polygons cover together, by the non-zero rule: one that turns the other way cuts a hole.
 * What reaches outside of the mask is left out.
 */
export function polygonMask(polygons: readonly Polygon[], width: number, height: number): Mask {
  const stride = Math.ceil(width / 8);
  const bits = new Uint8Array(stride * height);
  const crossings = crossingsOf(polygons, height * LINES_A_ROW);
  const cover = new Float32Array(width);
  for (let y = 0; y < height; y += 1) {
    let isEmpty = true;
    for (let line = y * LINES_A_ROW; line < (y + 1) * LINES_A_ROW; line += 1) {
      const along = crossings[line];
      if (along === undefined) continue;
      isEmpty = false;
      coverLine(cover, along);
    }
    if (isEmpty) continue;
    for (let x = 0; x < width; x += 1) {
      const at = y * stride + (x >> 3);
      if ((cover[x] ?? 0) >= LEAST_COVER) bits[at] = (bits[at] ?? 0) | (0x80 >> (x & 7));
    }
    cover.fill(0);
  }
  return { width, height, bits };
}

type Crossing = { x: number; turn: 1 | -1 };

/** Where each line meets an edge, and whether the edge goes down or up there. */
function crossingsOf(polygons: readonly Polygon[], lines: number): (Crossing[] | undefined)[] {
  const crossings: (Crossing[] | undefined)[] = Array.from({ length: lines });
  for (const corners of polygons) {
    for (let at = 0; at < corners.length; at += 2) {
      const next = (at + 2) % corners.length;
      const [x0 = 0, y0 = 0] = [corners[at], corners[at + 1]];
      const [x1 = 0, y1 = 0] = [corners[next], corners[next + 1]];
      if (y0 === y1) continue;
      const [top, bottom] = y0 < y1 ? [y0, y1] : [y1, y0];
      const first = Math.max(0, Math.ceil(top * LINES_A_ROW - 0.5));
      const end = Math.min(lines, Math.ceil(bottom * LINES_A_ROW - 0.5));
      for (let line = first; line < end; line += 1) {
        const y = (line + 0.5) / LINES_A_ROW;
        const crossing: Crossing = { x: x0 + ((y - y0) / (y1 - y0)) * (x1 - x0), turn: y0 < y1 ? 1 : -1 };
        const along = crossings[line];
        if (along === undefined) crossings[line] = [crossing];
        else along.push(crossing);
      }
    }
  }
  return crossings;
}

function coverLine(cover: Float32Array, along: Crossing[]): void {
  along.sort((one, other) => one.x - other.x);
  let turns = 0;
  let start = 0;
  for (const { x, turn } of along) {
    if (turns === 0) start = x;
    turns += turn;
    if (turns === 0) coverSpan(cover, start, x);
  }
}

function coverSpan(cover: Float32Array, from: number, to: number): void {
  const start = Math.max(0, from);
  const end = Math.min(cover.length, to);
  for (let x = Math.floor(start); x < end; x += 1) {
    cover[x] = (cover[x] ?? 0) + Math.min(x + 1, end) - Math.max(x, start);
  }
}
