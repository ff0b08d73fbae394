import type { Box } from '../../frame/box.js';
import type { PageContent } from '../../input.js';
import { sizeInPlace } from '../../picture/size-in-place.js';
import type { Placed } from './placed.js';
import type { Edge } from './split.js';

const GAP_OF_SIDE = 0.012;

/**
 * Lays the pictures into a grid that wastes the least of the box, in reading order; a page calls them by their number.
 *
 * @param edge where a single picture that leaves some of the box free is moved to; left out, it stays in the middle
 * @returns also what the pictures take of the box
 * @throws `render.picture-...`
 */
export async function placePictures(
  box: Box,
  { pictures, fit }: Pick<PageContent, 'pictures' | 'fit'>,
  edge?: Edge,
): Promise<{ placed: Placed[]; used: Box }> {
  const [first] = pictures;
  const cells = gridOf(box, pictures.length);
  if (pictures.length === 1 && first !== undefined && edge !== undefined) {
    const { width, height } = await sizeInPlace(first, box, fit);
    const used = edge === 'left' ? { ...box, width } : { ...box, height };
    cells.splice(0, 1, used);
    return { placed: placedIn(cells, fit), used };
  }
  return { placed: placedIn(cells, fit), used: box };
}

function placedIn(cells: readonly Box[], fit: PageContent['fit']): Placed[] {
  return cells.map((box, index) => ({ box, node: { type: 'image', asset: String(index), fit } }));
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
