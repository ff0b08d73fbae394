import { expect, test } from 'vitest';
import { CHECKS } from '../queue/checks.js';
import { hunt, runSchedules, tableOf, violationsOf } from './campaign.js';
import { MUTANTS } from './mutants.js';
import { scheduleOf } from './operations.js';
import { shrink } from './shrink.js';

const SCHEDULES = 300;
/** From the seed at which a mutant is known to be seen; a few more, so that a change of the model does not hide all of them. */
const SCHEDULES_A_MUTANT = 60;

test('schedules by chance break no promise of the protocol', () => {
  expect(runSchedules({ count: SCHEDULES, seed: 1 })).toBeUndefined();
});

test('every mutant of the model is caught by an invariant that knows it', () => {
  const catches = MUTANTS.map((mutant) => hunt(mutant, { most: SCHEDULES_A_MUTANT, seed: mutant.seed ?? 1 }));
  process.stdout.write(`\n${tableOf(catches)}\n`);
  expect(catches.filter(({ caughtBy }) => caughtBy === undefined)).toEqual([]);
});

test('every invariant has a mutant of the model', () => {
  const known = new Set<string>(MUTANTS.flatMap(({ caughtBy }) => caughtBy));
  expect(Object.keys(CHECKS).filter((id) => !known.has(id))).toEqual([]);
});

test('a schedule is the same for the same seed, and so is what comes of it', () => {
  expect(scheduleOf(7)).toEqual(scheduleOf(7));
  expect(scheduleOf(7)).not.toEqual(scheduleOf(8));
  const [mutant] = MUTANTS;
  expect(violationsOf(scheduleOf(2), mutant?.rules)).toEqual(violationsOf(scheduleOf(2), mutant?.rules));
});

test('a failing list is shortened to what it takes to fail', () => {
  const list = Array.from({ length: 100 }, (_, index) => index);
  expect(shrink(list, (part) => part.includes(13) && part.includes(77))).toEqual([13, 77]);
});
