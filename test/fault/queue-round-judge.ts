import { judge } from './queue/checks.js';
import { type Fate, fatesOf } from './queue/fates.js';
import type { History } from './queue/history.js';
import { stepsOf } from './queue/steps.js';
import type { CloudState, Violation } from './queue/verdict.js';
import type { Damage } from './queue-round-world.js';

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

/** What lies between a look at the clock and an effect. */
const DEADLINE_TOLERANCE_MS = 1_000;
/** Waits are a twentieth, and those of minutes a two hundredth: three seconds at most; a machine with ten times as much to do takes ten times as long. */
const PACE = { backoffCapMs: 25_000, eventsPerS: 50 } as const;

export type JudgeOptions = {
  /** The cloud cannot know how long a request was on its way, and takes it for no time. */
  readonly longestWayMs: number;
  readonly damage: Damage | undefined;
};

/** Counts what became of every event, and judges a round that has come to rest by every promise. */
export function judgeQueue(
  history: History,
  cloud: CloudState,
  { longestWayMs, damage }: JudgeOptions,
): QueueFigures & { broken: Violation[] } {
  const tolerances = { timeToleranceMs: longestWayMs, deadlineToleranceMs: DEADLINE_TOLERANCE_MS };
  const fates = fatesOf(history, cloud).map(({ fate }) => fate);
  const count = (...wanted: Fate[]) => fates.filter((fate) => wanted.includes(fate)).length;
  const hashes = [...cloud.events, ...cloud.dead].map(({ hub, hash }) => `${hub} ${hash}`);
  const all = judge(history, { cloud, pace: PACE, ...tolerances });
  return {
    enqueued: fates.length,
    delivered: count('delivered'),
    dead: count('dead'),
    gaps: count('named', 'named twice'),
    lost: count('lost'),
    lostWithCard: count('lost with card'),
    duplicated: hashes.length - new Set(hashes).size,
    broken: damage === undefined ? all : all.filter((violation) => !isOnThePage(violation, damage, history)),
  };
}

/**
 * A page may have held the only copy of the last value of a register, or of a command that was received and not over.
 * What was set or received after it was spoilt has no such excuse.
 */
function isOnThePage({ id, what, evidence }: Violation, { card, atMs }: Damage, history: History): boolean {
  if (id === 'I10') return evidence.length > 0 && evidence.every((step) => step.step === 'reg.set' && step.at <= atMs);
  if (id !== 'I13') return false;
  const received = stepsOf(history, 'cmd.recv').filter(({ proc, at }) => proc === card && at <= atMs);
  return received.some(({ cmd }) => what.startsWith(cmd));
}
