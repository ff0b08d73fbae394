import type { Drawing, Spot } from '../drawing.js';
import { toPixels } from '../length.js';
import type { BoxNode } from '../schema.js';
import { fillRounded, strokeRounded } from './rounded.js';

/** Fills a box and draws its border; a border without an ink is drawn like text. */
export function drawBox({ sheet, inks, unitPx }: Drawing, node: BoxNode, { box, room, behind }: Spot): void {
  const radius = toPixels(node.radius ?? 0, room.width, unitPx);
  const border = toPixels(node.border ?? 0, room.width, unitPx);
  if (node.ink !== undefined) fillRounded(sheet, box, radius, inks.fill(node.ink));
  if (border > 0) strokeRounded(sheet, box, radius, border, inks.stroke(node.borderInk ?? 'text', behind));
}
