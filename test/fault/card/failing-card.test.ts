import { expect, test } from 'vitest';
import { runFailingCards } from './failing-card.js';

const LIMIT_MS = 120_000;

test(
  'a card that fails a write or a sync is told as such, and nothing that was promised is lost',
  async () => {
    const { violations, refusedClearly, left } = await runFailingCards({ runs: 6, seed: 1 });
    expect(violations).toEqual([]);
    expect(refusedClearly + left).toBeGreaterThan(2);
  },
  LIMIT_MS,
);
