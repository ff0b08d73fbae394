import type { Rig } from '../rig/rig-fixture.js';
import { told, trial } from '../rig/trial.js';
import type { Mutant } from './mutant.js';

export type Caught = { rounds: number; by: readonly string[] };

/** What is written down leads there with every seed. */
const ANY_SEED = 1;

/** After how many schedules a mutant is caught, and by which promises; undefined if it is not. */
export async function hunt(
  rig: Rig,
  mutant: Mutant,
  { from, most }: { from: number; most: number },
): Promise<Caught | undefined> {
  for (let rounds = 1; rounds <= most; rounds += 1) {
    const violations = await trial(rig, from + rounds - 1, mutant);
    if (violations.length > 0) return { rounds, by: [...new Set(violations.map(({ id }) => id))] };
  }
  return undefined;
}

/** Whether the one schedule catches it that is known to. */
export function confirm(rig: Rig, mutant: Mutant): Promise<Caught | undefined> {
  return hunt(rig, mutant, { from: 'seed' in mutant ? mutant.seed : ANY_SEED, most: 1 });
}

/** What the true code does under the conditions of a mutant. */
export async function tryTrue(rig: Rig, mutant: Mutant, seed = ANY_SEED): Promise<string[]> {
  const { hub: _hub, cloud: _cloud, ...conditions } = mutant;
  const violations = await trial(rig, seed, { ...conditions, endsAtOnce: false });
  return told(violations).map((line) => `${mutant.name}, seed ${seed}: ${line}`);
}
