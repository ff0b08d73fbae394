import type { Rig } from '../rig/rig-fixture.js';
import { trial } from '../rig/trial.js';
import type { Mutant } from './mutant.js';

export type Caught = { rounds: number; by: readonly string[] };

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
