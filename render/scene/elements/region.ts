import { type DitherMode, dither } from '../../dither/dither.js';
import type { Box } from '../../frame/box.js';
import type { Picture } from '../../picture/picture.js';
import type { Drawing } from '../drawing.js';
import type { RegionNode } from '../schema.js';

/** Fills a box with a dithered colour or gradient. */
export async function drawRegion(
  { sheet, target, signal }: Drawing,
  { fill }: RegionNode,
  box: Box,
  mode: DitherMode | undefined,
): Promise<void> {
  if (box.width < 1 || box.height < 1) return;
  const { from, to, direction = 'down' } = typeof fill === 'string' ? { from: fill, to: fill } : fill;
  const { inks, profile } = target;
  const how = { inks, profile, origin: { x: box.x, y: box.y }, mode: mode ?? target.mode, signal };
  sheet.lay(await dither(gradient(box, rgbOf(from), rgbOf(to), direction), how), box.x, box.y);
}

function gradient(
  { width, height }: Box,
  from: readonly number[],
  to: readonly number[],
  direction: 'across' | 'down',
): Picture {
  const rgb = new Uint8Array(width * height * 3);
  const steps = Math.max(1, (direction === 'across' ? width : height) - 1);
  for (let at = 0; at < width * height; at += 1) {
    const share = (direction === 'across' ? at % width : Math.floor(at / width)) / steps;
    for (let channel = 0; channel < 3; channel += 1) {
      rgb[at * 3 + channel] = Math.round((from[channel] ?? 0) * (1 - share) + (to[channel] ?? 0) * share);
    }
  }
  return { width, height, rgb };
}

function rgbOf(colour: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}
