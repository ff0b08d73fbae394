import { expect, test } from 'vitest';
import { runFailingCards } from './failing-card.js';

test('of 300 cards that fail somewhere, none makes the store lose what it promised', async () => {
  const report = await runFailingCards({ runs: 300, seed: 1_000 });
  process.stdout.write(`failing cards: ${JSON.stringify(report)}\n`);
  expect(report).toMatchObject({ runs: 300, violations: [] });
});
