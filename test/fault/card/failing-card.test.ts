import { expect, test } from 'vitest';
import { compilers } from '../../support/compilers.js';
import { runFailingCards, runSoundCard } from './failing-card.js';

const LIMIT_MS = 120_000;

test.for(compilers())(
  'a card that fails a write or a sync is told as such, and nothing that was promised is lost (%s)',
  { timeout: LIMIT_MS },
  async () => {
    const { violations, refusedClearly, left } = await runFailingCards({ runs: 6, seed: 1 });
    expect(violations).toEqual([]);
    expect(refusedClearly + left).toBeGreaterThan(2);
  },
);

test(
  'on a card that fails nothing, nothing is refused and nobody leaves',
  async () => {
    expect(await runSoundCard(1)).toEqual({ runs: 1, refusedClearly: 0, left: 0, violations: [] });
  },
  LIMIT_MS,
);
