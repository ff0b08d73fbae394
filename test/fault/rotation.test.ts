import { expect } from 'vitest';
import { test } from '../support/campaign.js';
import { runRotation } from './run-rotation.js';

const LIMIT_MS = 300_000;

test('8 hubs that lose their power or meet one fault change their key, never without a pair that works', {
  timeout: LIMIT_MS,
}, async ({ dir }) => {
  const report = await runRotation({ rounds: 8, seed: 4, atOnce: 4, dir });
  const figures = { rounds: 8, rotated: 8, rolledBack: 0, stranded: 0, withoutPair: 0, orphans: 0, keysLeaked: 0 };
  expect(report).toEqual({ ...figures, seed: 4, failed: [] });
});
