import { expect, test } from 'vitest';
import { describeDisturbance, scriptedDisturbances } from './disturbance.js';
import { planRounds } from './plan.js';

const scripted = scriptedDisturbances();

test('the same seed breaks the same things in the same order', () => {
  expect(planRounds(50, 3, scripted)).toEqual(planRounds(50, 3, scripted));
  expect(planRounds(50, 4, scripted)).not.toEqual(planRounds(50, 3, scripted));
});

test('200 rounds go through the whole list, and through the whole run', () => {
  const plan = planRounds(200, 1, scripted);
  const named = new Set(plan.map(describeDisturbance));
  expect(scripted.map(describeDisturbance).filter((name) => !named.has(name))).toEqual([]);
  const parts = plan.flatMap((one) => (one.kind === 'kill-at' ? one.part : []));
  expect(parts).toHaveLength(80);
  expect(Math.min(...parts)).toBeLessThan(0.05);
  expect(Math.max(...parts)).toBeGreaterThan(0.95);
});

test('no two things of the list are called alike', () => {
  expect(new Set(scripted.map(describeDisturbance)).size).toBe(scripted.length);
});
