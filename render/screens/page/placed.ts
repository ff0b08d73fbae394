import type { Box } from '../../frame/box.js';
import type { SceneNode, StackNode } from '../../scene/schema.js';

/** A node that is drawn in exactly this box of the sheet; in whole pixels, as sheets are. */
export type Placed = { box: Box; node: SceneNode };

/** A sheet on which everything has its place already. */
export function placedSheet(placed: readonly Placed[]): StackNode {
  return { type: 'stack', align: 'start', children: placed.map((one) => at(one)) };
}

function at({ box: { x, y, width, height }, node }: Placed): SceneNode {
  return { type: 'column', align: 'start', padding: { left: x, top: y }, children: [{ ...node, width, height }] };
}

/** The box without a margin on each side. */
export function within({ x, y, width, height }: Box, margin: number): Box {
  return { x: x + margin, y: y + margin, width: width - 2 * margin, height: height - 2 * margin };
}
