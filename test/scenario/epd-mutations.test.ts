import { describe, expect, test } from 'vitest';
import { FAMILIES, type LifeStep, liveThrough } from '../support/epd-life.js';
import { MUTATIONS } from '../support/epd-mutations.js';

/** A life in which everything happens that a panel can do. */
const STEPS: readonly LifeStep[] = [
  { mode: 'full', seed: 1, changedBytes: 0, sleeps: true, restarts: false },
  { mode: 'partial', seed: 2, changedBytes: 9, sleeps: false, restarts: false },
  { mode: 'partial', seed: 3, changedBytes: 5, sleeps: true, restarts: true },
  { mode: 'partial', seed: 4, changedBytes: 40, sleeps: true, restarts: false },
  { mode: 'fast', seed: 5, changedBytes: 90, sleeps: false, restarts: false },
  { mode: 'full', seed: 6, changedBytes: 90, sleeps: true, restarts: true },
];

test.each(Object.values(FAMILIES).flat())('the driver of %s as it is lives well', async (panel) => {
  expect(await liveThrough({ panel, steps: STEPS, maxTransferBytes: 64 })).toEqual([]);
});

describe.each(MUTATIONS)('$what', (mutation) => {
  test.each(mutation.panels)('is found out on %s', async (panel) => {
    expect(await liveThrough({ panel, steps: STEPS, maxTransferBytes: 64 }, mutation)).not.toEqual([]);
  });
});
