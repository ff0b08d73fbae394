import type { InvariantId } from './checks.js';
import type { Told } from './history-writer.js';
import type { Context } from './verdict.js';

/** Two short histories that differ in one thing: the one keeps every promise, the other breaks one. */
export type TinyPair = {
  readonly breaks: InvariantId;
  readonly by: string;
  readonly right: readonly Told[];
  readonly wrong: readonly Told[];
  /** What the tables hold in the end, where it matters. */
  readonly context?: Context;
  /** In the wrong one, where that is what differs. */
  readonly wrongContext?: Context;
};
