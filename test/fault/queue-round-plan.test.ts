import { expect, test } from 'vitest';
import { seededRandom } from '../../device-sim/epd/seeded-random.js';
import { LONG_FAULT, planQueueFaults, QUEUE_FAULTS, SHORT_PLAN } from './queue-round-plan.js';

const plan = (number: number, seed: number) => planQueueFaults(number, seededRandom(seed));

test('the same seed lets the same go wrong in a round', () => {
  const rounds = Array.from({ length: 50 }, (_, number) => number);
  expect(rounds.map((number) => plan(number, number))).toEqual(rounds.map((number) => plan(number, number)));
  expect(rounds.map((number) => plan(number, number))).not.toEqual(rounds.map((number) => plan(number, number + 1)));
});

test('as many rounds as there are faults go through all of them, one to three in each', () => {
  const rounds = QUEUE_FAULTS.map((_, number) => plan(number, number));
  expect(QUEUE_FAULTS.filter((fault, number) => !rounds[number]?.includes(fault))).toEqual([]);
  expect([...new Set(rounds.map(({ length }) => length))].sort()).toEqual([1, 2, 3]);
});

test('the short plan lets each fault happen once, save those that have suites of their own', () => {
  const others = ['card-full', 'clock-jump', 'page-corrupted', LONG_FAULT];
  expect([...SHORT_PLAN.flat(), ...others].sort()).toEqual([...QUEUE_FAULTS].sort());
  expect(SHORT_PLAN).toHaveLength(6);
});
