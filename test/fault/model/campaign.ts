import { judge } from '../queue/checks.js';
import type { Violation } from '../queue/verdict.js';
import type { Mutant } from './mutants.js';
import { type Operation, scheduleOf } from './operations.js';
import type { Rules } from './rules.js';
import { shrink } from './shrink.js';
import { TRUE_RULES } from './true-rules.js';
import { World } from './world.js';

/** A schedule after which a promise was broken, as short as it gets. */
export type Failure = {
  readonly seed: number;
  readonly schedule: readonly Operation[];
  readonly violations: readonly Violation[];
};

/** Which mutant was caught by what, after how many schedules; or not. */
export type Catch = { readonly mutant: string; readonly caughtBy: string | undefined; readonly schedules: number };

/** What a schedule breaks under some rules. */
export function violationsOf(schedule: readonly Operation[], rules: Rules = TRUE_RULES): Violation[] {
  const { history, context } = new World(rules).live(schedule);
  return judge(history, context);
}

/** Lives through schedules from a seed on; the first that breaks a promise comes back shortened. */
export function runSchedules({ count, seed }: { count: number; seed: number }): Failure | undefined {
  for (let at = seed; at < seed + count; at += 1) {
    const whole = scheduleOf(at);
    const [first] = violationsOf(whole);
    if (first === undefined) continue;
    const schedule = shrink(whole, (part) => violationsOf(part).some(({ id }) => id === first.id));
    return { seed: at, schedule, violations: violationsOf(schedule) };
  }
  return undefined;
}

/** Lives through the same schedules with a mutant until one of the invariants that know it says so. */
export function hunt(mutant: Mutant, { most, seed }: { most: number; seed: number }): Catch {
  const { name, caughtBy, rules } = mutant;
  for (let schedules = 1; schedules <= most; schedules += 1) {
    const found = new Set(violationsOf(scheduleOf(seed + schedules - 1), rules).map(({ id }) => id));
    const id = caughtBy.find((one) => found.has(one));
    if (id !== undefined) return { mutant: name, caughtBy: id, schedules };
  }
  return { mutant: name, caughtBy: undefined, schedules: most };
}

/** A line for each mutant. */
export function tableOf(catches: readonly Catch[]): string {
  const width = Math.max(...catches.map(({ mutant }) => mutant.length));
  return catches
    .map(({ mutant, caughtBy, schedules }) => `${mutant.padEnd(width)}  ${(caughtBy ?? '-').padEnd(3)}  ${schedules}`)
    .join('\n');
}
