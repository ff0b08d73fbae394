import { expect, test } from 'vitest';
import { runCorruptions } from './corrupted-round.js';

const LIMIT_MS = 120_000;

test('whatever happens to a page or three, each event is saved as it was, or named as lost', {
  timeout: LIMIT_MS,
}, async () => {
  const report = await runCorruptions({ rounds: 6, seed: 1 });
  expect(report).toMatchObject({ failed: [], lost: 0, altered: 0, doubled: 0, badCoverage: 0 });
  expect(report.salvaged).toBeGreaterThan(3);
});
