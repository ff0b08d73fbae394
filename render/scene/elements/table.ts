import type { Drawing, Spot } from '../drawing.js';
import type { TableNode } from '../schema.js';
import { lineThickness } from './line.js';

/** Draws the lines between the rows of a table, the one below the header twice as thick. */
export function drawTable({ sheet, inks, unitPx }: Drawing, node: TableNode, { box, children, behind }: Spot): void {
  if (node.rules !== true) return;
  const ink = inks.stroke(node.ink ?? 'text', behind);
  const count = node.columns.length;
  const firsts = children.filter((_, at) => at % count === 0).map((cell) => cell.box);
  for (const [row, above] of firsts.entries()) {
    const below = firsts[row + 1];
    if (below === undefined) return;
    const bottom = above.y + above.height;
    const thickness = lineThickness(unitPx) * (row === 0 && node.header !== undefined ? 2 : 1);
    sheet.fill(
      { x: box.x, y: Math.floor((bottom + below.y - thickness) / 2), width: box.width, height: thickness },
      ink,
      box,
    );
  }
}
