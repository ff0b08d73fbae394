import { expect, test } from 'vitest';
import { runKills } from './run-kills.js';

const LIMIT_MS = 120_000;

test(
  'a store that is killed in the middle of anything keeps each promise, names what it gave up, and counts right',
  async () => {
    const { violations, rounds, enqueued } = await runKills({ rounds: 24, seed: 1, atOnce: 3 });
    expect(violations).toEqual([]);
    expect(rounds).toBe(24);
    expect(enqueued).toBeGreaterThan(50);
  },
  LIMIT_MS,
);
