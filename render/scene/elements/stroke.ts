import type { Polygon } from '../../frame/polygon-mask.js';

export type Point = { x: number; y: number };

const CORNERS_OF_A_DISC = 12;

/** A line through points as polygons that all turn the same way: a bar for each piece, a disc for each joint. */
export function strokeOf(points: readonly Point[], thickness: number): Polygon[] {
  const half = thickness / 2;
  const polygons: Polygon[] = [];
  for (const [at, to] of points.entries()) {
    polygons.push(disc(to, half));
    const from = points[at - 1];
    if (from === undefined) continue;
    const length = Math.hypot(to.x - from.x, to.y - from.y);
    if (length === 0) continue;
    const across = { x: (-(to.y - from.y) / length) * half, y: ((to.x - from.x) / length) * half };
    polygons.push([
      ...[from.x - across.x, from.y - across.y, to.x - across.x, to.y - across.y],
      ...[to.x + across.x, to.y + across.y, from.x + across.x, from.y + across.y],
    ]);
  }
  return polygons;
}

function disc({ x, y }: Point, radius: number): Polygon {
  return Array.from({ length: CORNERS_OF_A_DISC }, (_, at) => {
    const angle = (at * 2 * Math.PI) / CORNERS_OF_A_DISC;
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
  }).flat();
}
