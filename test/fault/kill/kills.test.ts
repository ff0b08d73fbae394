import { expect, test } from 'vitest';
import { KILL_FAULTS } from './kill-faults.js';
import { runKills } from './run-kills.js';

const LIMIT_MS = 120_000;

test(
  'a store that is killed in the middle of anything keeps each promise, names what it gave up, and counts right',
  async () => {
    const { violations, rounds, enqueued, givenUp, cardsLost } = await runKills({ rounds: 8, seed: 1, atOnce: 2 });
    expect(violations).toEqual([]);
    expect({ rounds, cardsLost }).toEqual({ rounds: 8, cardsLost: 2 });
    expect(enqueued).toBeGreaterThan(50);
    // Without any, nothing was seen of what becomes of them.
    expect(givenUp).toBeGreaterThan(0);
  },
  LIMIT_MS,
);

test.for(KILL_FAULTS)('a store that %s is found out', { timeout: LIMIT_MS }, async (fault) => {
  const { violations } = await runKills({ rounds: 6, seed: 1, atOnce: 1, fault });
  expect(violations).not.toEqual([]);
});
