import { expect, test } from 'vitest';
import { runCorruptions } from './corrupted-round.js';

test('200 files with corrupted pages: each event is saved as it was, or named as lost', async () => {
  const report = await runCorruptions({ rounds: 200, seed: 1_000 });
  process.stdout.write(`corrupted pages: ${JSON.stringify(report)}\n`);
  expect(report).toMatchObject({ failed: [], lost: 0, altered: 0, doubled: 0, badCoverage: 0 });
});
