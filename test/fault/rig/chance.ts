import type { World } from './world.js';

/** Something once or several times, but no more often than that. */
export function some(world: World, most: number, run: () => void): void {
  for (let left = 1 + Math.floor(world.random() * most); left > 0; left -= 1) run();
}

/** A whole number below that one. */
export function part(world: World, most: number): number {
  return Math.floor(world.random() * most);
}

export function pick<T>(world: World, from: readonly T[]): T {
  const one = from[part(world, from.length)];
  if (one === undefined) throw new RangeError('nothing to pick from');
  return one;
}
