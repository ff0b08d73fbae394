import { expect } from 'vitest';
import { test } from '../support/campaign.js';
import { runProvisioning } from './run-provisioning.js';

test('200 hubs that lose their power or meet one fault become ACTIVE, whole, and nobody else', async ({ dir }) => {
  const report = await runProvisioning({ rounds: 200, seed: 2, atOnce: 4, dir });
  expect(report).toEqual({ rounds: 200, active: 200, stranded: 0, orphans: 0, keysLeaked: 0, seed: 2, failed: [] });
});
