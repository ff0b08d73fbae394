/** A rectangle in whole pixels from the top left; it holds nothing when a side is 0 or less. */
export type Box = { x: number; y: number; width: number; height: number };

/** What both boxes hold, with sides of at least 0. */
export function overlapOf(one: Box, other: Box): Box {
  const x = Math.max(one.x, other.x);
  const y = Math.max(one.y, other.y);
  const width = Math.max(0, Math.min(one.x + one.width, other.x + other.width) - x);
  const height = Math.max(0, Math.min(one.y + one.height, other.y + other.height) - y);
  return { x, y, width, height };
}
