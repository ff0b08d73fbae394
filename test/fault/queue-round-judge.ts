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

/** What a request may be on its way, of which the cloud knows nothing; and what lies between a look at the clock and an effect. */
const CONTEXT = { timeToleranceMs: 2_000, deadlineToleranceMs: 1_000 } as const;
/** A request is written down when it leaves, and was made a moment before. */
const NOT_SEEN_FROM_OUTSIDE: readonly string[] = ['I17'];

/** Counts what became of every event, and judges a round that has come to rest by every promise. */
export function judgeQueue(history: History, cloud: CloudState): QueueFigures & { broken: Broken[] } {
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
    broken: judge(history, { ...CONTEXT, cloud }).filter(({ id }) => !NOT_SEEN_FROM_OUTSIDE.includes(id)),
  };
}
