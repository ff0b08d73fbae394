import { expect } from 'vitest';
import { test } from '../support/campaign.js';
import { runRotation } from './run-rotation.js';

const LIMIT_MS = 300_000;

test('6 hubs that lose their power or meet one fault change their key or keep it, never without a pair that works', {
  timeout: LIMIT_MS,
}, async ({ dir }) => {
  const report = await runRotation({ rounds: 6, seed: 46, atOnce: 4, dir });
  // One whose commit the cloud refuses.
  const figures = { rounds: 6, rotated: 5, rolledBack: 1, stranded: 0, withoutPair: 0, orphans: 0, keysLeaked: 0 };
  expect(report).toEqual({ ...figures, seed: 46, failed: [] });
});
