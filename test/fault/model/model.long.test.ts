import { expect, test } from 'vitest';
import { hunt, runSchedules, tableOf } from './campaign.js';
import { MUTANTS } from './mutants.js';

const SCHEDULES = 10_000;

test('ten thousand schedules by chance break no promise of the protocol', () => {
  expect(runSchedules({ count: SCHEDULES, seed: 1 })).toBeUndefined();
});

test('every mutant of the model is caught within ten thousand schedules', () => {
  const catches = MUTANTS.map((mutant) => hunt(mutant, { most: SCHEDULES, seed: mutant.seed ?? 1 }));
  process.stdout.write(`\n${tableOf(catches)}\n`);
  expect(catches.filter(({ caughtBy }) => caughtBy === undefined)).toEqual([]);
});
