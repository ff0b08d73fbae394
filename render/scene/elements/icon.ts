import { iconMask } from '../../icons/icon-mask.js';
import type { Drawing, Spot } from '../drawing.js';
import { toPixels } from '../length.js';
import type { IconNode } from '../schema.js';
import type { Room } from '../sizes.js';

/** What an icon would like on a side, in pixels. */
export function iconPx({ size }: IconNode, room: Room, unitPx: number): number {
  return toPixels(size, Math.min(room.width, room.height), unitPx);
}

/** Draws an icon into the middle of its box, smaller than asked where the box is. */
export function drawIcon(
  { sheet, inks, unitPx, warn }: Drawing,
  node: IconNode,
  { box, room, behind, element }: Spot,
): void {
  const wantedPx = iconPx(node, room, unitPx);
  const sizePx = Math.min(wantedPx, box.width, box.height);
  if (sizePx < wantedPx) warn('render.overflow', element.path, `an icon of ${wantedPx} pixels has room for ${sizePx}`);
  if (sizePx < 1) return;
  const left = box.x + Math.floor((box.width - sizePx) / 2);
  const top = box.y + Math.floor((box.height - sizePx) / 2);
  sheet.stamp(iconMask(node.name, sizePx), left, top, inks.stroke(node.ink ?? 'text', behind));
}
