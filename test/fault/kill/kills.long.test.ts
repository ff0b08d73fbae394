import { expect, test } from 'vitest';
import { runKills } from './run-kills.js';

test('10,000 kills of a store at work break no promise', async () => {
  const report = await runKills({ rounds: 10_000, seed: 100, atOnce: 4 });
  process.stdout.write(`kills: ${JSON.stringify(report)}\n`);
  expect(report).toMatchObject({ rounds: 10_000, violations: [] });
  expect(report.givenUp).toBeGreaterThan(0);
});
