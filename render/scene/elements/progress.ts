import type { Drawing, Spot } from '../drawing.js';
import type { ProgressNode } from '../schema.js';
import { fillRounded, strokeRounded } from './rounded.js';

const HEIGHT_OF_UNIT = 0.03;
const LEAST_HEIGHT = 6;
const BORDER_OF_HEIGHT = 0.12;

/** Height of a bar that does not say, in pixels. */
export function progressHeight(unitPx: number): number {
  return Math.max(LEAST_HEIGHT, Math.round(unitPx * HEIGHT_OF_UNIT));
}

/** Draws a bar that is filled up to its share. */
export function drawProgress({ sheet, inks }: Drawing, node: ProgressNode, { box, behind }: Spot): void {
  const ink = inks.stroke(node.ink ?? 'text', behind);
  const border = Math.max(1, Math.round(box.height * BORDER_OF_HEIGHT));
  const radius = Math.floor(box.height / 2);
  strokeRounded(sheet, box, radius, border, ink);
  const inset = 2 * border;
  const width = Math.round((box.width - 2 * inset) * node.share);
  const height = box.height - 2 * inset;
  fillRounded(sheet, { x: box.x + inset, y: box.y + inset, width, height }, radius - inset, ink);
}
