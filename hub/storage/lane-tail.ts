import type { Lane } from '../../contract/index.js';
import type { Database } from './database.js';
import type { RawPages } from './raw-pages.js';
import { rightmostChild, tableKeys } from './raw-records.js';

const MOST_LEVELS = 20;

/**
 * Whether the last events of a lane can be trusted to be the last ones: the way from the root of its table to its last
 * page is there, and that page holds the highest position that was found. `fresh` tells where the roots are.
 */
export function isTailWhole(
  pages: RawPages,
  fresh: Database,
  { lane, highest }: { lane: Lane; highest: number },
): boolean {
  const root = fresh
    .prepare<[string], { page: number }>('SELECT rootpage AS page FROM sqlite_schema WHERE name = ?')
    .get(`log${lane}`);
  let number = root?.page;
  let floor = 0;
  for (let level = 0; number !== undefined && level < MOST_LEVELS; level += 1) {
    const page = pages.page(number);
    const keys = tableKeys(page);
    if (keys === undefined) return false;
    const isRising = keys.every((key, at) => key > (keys[at - 1] ?? floor));
    if (!isRising) return false;
    const child = rightmostChild(page);
    if (child === undefined) return (keys.at(-1) ?? floor) === highest || (keys.length === 0 && level === 0);
    floor = keys.at(-1) ?? floor;
    number = child;
  }
  return false;
}
