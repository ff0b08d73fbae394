import { expect, test } from 'vitest';
import { runCorruptions } from './corrupted-round.js';
import { LEAST_KEPT, NOTHING_WRONG } from './saved-well.js';

const LIMIT_MS = 120_000;

test(
  'whatever happens to a page or three, each event is saved as it was, or named as lost if it stood there',
  async () => {
    const report = await runCorruptions({ rounds: 10, seed: 1, events: 1_200 });
    process.stdout.write(`corrupted pages: ${JSON.stringify(report)}\n`);
    expect(report).toMatchObject(NOTHING_WRONG);
    expect(report.salvaged).toBeGreaterThan(5);
    expect(report.kept).toBeGreaterThan(LEAST_KEPT * (report.kept + report.named));
  },
  LIMIT_MS,
);
