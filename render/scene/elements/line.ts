import type { Drawing, Spot } from '../drawing.js';
import { toPixels } from '../length.js';
import type { LineNode } from '../schema.js';

const THICKNESS_OF_UNIT = 0.004;

/** Thickness of a line that does not say, in pixels. */
export function lineThickness(unitPx: number): number {
  return Math.max(1, Math.round(unitPx * THICKNESS_OF_UNIT));
}

/** Draws a rule along the middle of its box. */
export function drawLine({ sheet, inks, unitPx }: Drawing, node: LineNode, { box, room, behind, element }: Spot): void {
  const ink = inks.stroke(node.ink ?? 'text', behind);
  const { isInRow } = element;
  const across = isInRow ? box.width : box.height;
  const wanted =
    node.thickness === undefined
      ? lineThickness(unitPx)
      : toPixels(node.thickness, isInRow ? room.width : room.height, unitPx);
  const thickness = Math.min(across, wanted);
  const start = Math.floor((across - thickness) / 2);
  const length = isInRow ? box.height : box.width;
  const dash = node.dash === undefined ? 0 : toPixels(node.dash, length, unitPx);
  const piece = dash < 1 ? length : dash;
  for (let from = 0; from < length; from += 2 * piece) {
    const size = Math.min(piece, length - from);
    const part = isInRow
      ? { x: box.x + start, y: box.y + from, width: thickness, height: size }
      : { x: box.x + from, y: box.y + start, width: size, height: thickness };
    sheet.fill(part, ink);
  }
}
