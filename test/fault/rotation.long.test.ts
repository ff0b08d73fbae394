import { expect } from 'vitest';
import { test } from '../support/campaign.js';
import { runRotation } from './run-rotation.js';

test('100 hubs that lose their power or meet one fault change their key, never without a pair that works', async ({
  dir,
}) => {
  const { rotated, rolledBack, ...report } = await runRotation({ rounds: 100, seed: 2, atOnce: 4, dir });
  expect(report).toEqual({ rounds: 100, stranded: 0, withoutPair: 0, orphans: 0, keysLeaked: 0, seed: 2, failed: [] });
  // Those whose next certificate was revoked go back to the one that they have.
  expect(rotated + rolledBack).toBe(100);
  expect(rotated).toBeGreaterThan(80);
});
