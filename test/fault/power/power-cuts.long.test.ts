import { expect, test } from 'vitest';
import { runPowerCuts } from './power-cuts.js';

const STATES = 2_000;

test('20,000 states that power cuts may leave have lost nothing that was promised', async () => {
  const sum = { states: 0, bad: 0 };
  for (let seed = 1; seed <= 10; seed += 1) {
    // Every other one with the checkpoints of the product.
    const checkpoints = seed % 2 === 0 ? {} : { checkpointPages: 20 * seed };
    const report = await runPowerCuts({ seed, turns: 600, synchronous: 'FULL', ...checkpoints }, STATES);
    expect(report).toEqual({ states: STATES, bad: 0 });
    sum.states += report.states;
    sum.bad += report.bad;
  }
  process.stdout.write(`power cuts: ${JSON.stringify(sum)}\n`);
  expect(sum).toEqual({ states: 20_000, bad: 0 });
});

test('the same looks find a store that syncs less in most states', async () => {
  const work = { seed: 1, turns: 600, checkpointPages: 60 };
  const normal = await runPowerCuts({ ...work, synchronous: 'NORMAL' }, STATES);
  const off = await runPowerCuts({ ...work, synchronous: 'OFF' }, STATES);
  process.stdout.write(`power cuts: ${JSON.stringify({ normal, off })}\n`);
  expect(normal.lost).toBeGreaterThan(STATES / 4);
  expect(off.bad).toBeGreaterThan(STATES / 2);
});
