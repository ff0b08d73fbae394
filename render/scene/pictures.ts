import { dither } from '../dither/dither.js';
import { unpackFrame } from '../frame/pack.js';
import type { PageContent, RenderTarget } from '../input.js';
import { decodePicture } from '../picture/decode.js';
import type { Box, Canvas } from './canvas.js';
import type { Edge } from './split.js';

const GAP_OF_SIDE = 0.012;

/**
 * Lays the pictures into a grid that wastes the least of the box, in reading order.
 *
 * @param edge where a single picture that leaves some of the box free is moved to; left out, it stays in the middle
 * @returns what the pictures take of the box
 */
export async function drawPictures(
  canvas: Canvas,
  box: Box,
  { pictures, fit }: Pick<PageContent, 'pictures' | 'fit'>,
  { inks, profile, mode }: Pick<RenderTarget, 'inks' | 'profile' | 'mode'>,
  edge?: Edge,
): Promise<Box> {
  const cells = gridOf(box, pictures.length);
  const single = pictures.length === 1 ? edge : undefined;
  let used = box;
  for (const [index, bytes] of pictures.entries()) {
    const cell = cells[index];
    if (cell === undefined) break;
    const picture = await decodePicture(bytes, cell, fit);
    const { width, height } = picture;
    const x = single === 'left' ? cell.x : cell.x + Math.floor((cell.width - width) / 2);
    const y = single === 'top' ? cell.y : cell.y + Math.floor((cell.height - height) / 2);
    canvas.lay(unpackFrame(await dither(picture, { inks, profile, mode, origin: { x, y } })), { x, y, width, height });
    if (single === 'left') used = { ...box, width };
    if (single === 'top') used = { ...box, height };
  }
  return used;
}

/** So many cells of one size, whose sides are as equal as the box allows; the last row may be shorter. */
function gridOf(box: Box, count: number): Box[] {
  const gap = count === 1 ? 0 : Math.max(2, Math.round(Math.min(box.width, box.height) * GAP_OF_SIDE));
  let best = { columns: 1, rows: count, side: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const side = Math.min((box.width - gap * (columns - 1)) / columns, (box.height - gap * (rows - 1)) / rows);
    if (side > best.side) best = { columns, rows, side };
  }
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / best.columns);
    const inRow = Math.min(best.columns, count - row * best.columns);
    const across = spread(box.x, box.width, inRow, index % best.columns, gap);
    const down = spread(box.y, box.height, best.rows, row, gap);
    return { x: across.from, y: down.from, width: across.size, height: down.size };
  });
}

/** The place of one of `count` cells along a side, so that rounding leaves no column unequal by more than a pixel. */
function spread(
  start: number,
  length: number,
  count: number,
  index: number,
  gap: number,
): { from: number; size: number } {
  const cell = (length - gap * (count - 1)) / count;
  const from = Math.round(index * (cell + gap));
  return { from: start + from, size: Math.max(1, Math.round(index * (cell + gap) + cell) - from) };
}
