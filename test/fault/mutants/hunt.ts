import { judge } from '../queue/checks.js';
import type { Violation } from '../queue/verdict.js';
import type { RigCloud } from '../rig/rig-cloud.js';
import { runRound } from '../rig/round.js';
import type { Mutant } from './mutant.js';

/** The longest back-off, and a drain slow enough for the slowest schedule. */
const PACE = { backoffCapMs: 300_000, eventsPerS: 10 } as const;
/** A request is under way for no longer; by so much a time may be off. */
const WAY_MS = 30_000;
const STEPS = 60;

export type Caught = { rounds: number; by: readonly string[] };

type Conditions = Pick<Mutant, 'weights' | 'limits' | 'steps'>;

/** What the checker says to the schedule of a seed. */
export async function trial(
  rig: { cloud: RigCloud; folder: string },
  seed: number,
  { weights = {}, steps = STEPS, ...rest }: Conditions & Partial<Pick<Mutant, 'hub' | 'cloud'>> = {},
): Promise<Violation[]> {
  const { hub: change = {}, cloud: cloudChange = {}, limits } = rest;
  const round = { ...rig, seed, steps, weights, change, cloudChange, ...(limits && { limits }) };
  const { history, cloud } = await runRound(round);
  return judge(history, { cloud, pace: PACE, timeToleranceMs: WAY_MS });
}

/** After how many schedules a mutant is caught, and by which promises; undefined if it is not. */
export async function hunt(
  rig: { cloud: RigCloud; folder: string },
  mutant: Mutant,
  { from, most }: { from: number; most: number },
): Promise<Caught | undefined> {
  for (let rounds = 1; rounds <= most; rounds += 1) {
    const violations = await trial(rig, from + rounds - 1, mutant);
    if (violations.length > 0) return { rounds, by: [...new Set(violations.map(({ id }) => id))] };
  }
  return undefined;
}
