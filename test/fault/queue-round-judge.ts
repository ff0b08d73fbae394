import { judge } from './queue/checks.js';
import { type Fate, fatesOf } from './queue/fates.js';
import type { History } from './queue/history.js';
import type { CloudState } from './queue/verdict.js';

/** What became of the events of a round. */
export type QueueFigures = {
  readonly enqueued: number;
  readonly delivered: number;
  readonly dead: number;
  /** Those that a gap names. */
  readonly gaps: number;
  /** Those that were accepted and are nowhere, though their card was not lost. */
  readonly lost: number;
  readonly lostWithCard: number;
  readonly duplicated: number;
};

/** A violation in words, with the lines that show it. */
export type Broken = { readonly id: string; readonly what: string; readonly evidence: readonly unknown[] };

/** What lies between a look at the clock and an effect. */
const DEADLINE_TOLERANCE_MS = 1_000;
/** A request is written down when it leaves, and was made a moment before. */
const NOT_SEEN_FROM_OUTSIDE: readonly string[] = ['I17'];

/**
 * Counts what became of every event, and judges a round that has come to rest by every promise. The cloud cannot know how
 * long a request was on its way, `longestWayMs` at most, and takes it for no time.
 */
export function judgeQueue(
  history: History,
  cloud: CloudState,
  { longestWayMs }: { longestWayMs: number },
): QueueFigures & { broken: Broken[] } {
  const context = { cloud, timeToleranceMs: longestWayMs, deadlineToleranceMs: DEADLINE_TOLERANCE_MS };
  const fates = fatesOf(history, cloud).map(({ fate }) => fate);
  const count = (...wanted: Fate[]) => fates.filter((fate) => wanted.includes(fate)).length;
  const hashes = [...cloud.events, ...cloud.dead].map(({ hub, hash }) => `${hub} ${hash}`);
  return {
    enqueued: fates.length,
    delivered: count('delivered'),
    dead: count('dead'),
    gaps: count('named', 'named twice'),
    lost: count('lost'),
    lostWithCard: count('lost with card'),
    duplicated: hashes.length - new Set(hashes).size,
    broken: judge(history, context).filter(({ id }) => !NOT_SEEN_FROM_OUTSIDE.includes(id)),
  };
}
