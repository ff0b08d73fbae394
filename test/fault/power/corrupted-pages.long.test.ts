import { expect, test } from 'vitest';
import { runCorruptions } from './corrupted-round.js';
import { LEAST_KEPT, NOTHING_WRONG } from './saved-well.js';

test('200 files with corrupted pages: each event is saved as it was, or named as lost if it stood there', async () => {
  const report = await runCorruptions({ rounds: 200, seed: 1_000, events: 3_000 });
  process.stdout.write(`corrupted pages: ${JSON.stringify(report)}\n`);
  expect(report).toMatchObject(NOTHING_WRONG);
  expect(report.salvaged).toBeGreaterThan(150);
  expect(report.kept).toBeGreaterThan(LEAST_KEPT * (report.kept + report.named));
});
