import { expect } from 'vitest';
import { test } from '../support/campaign.js';
import { runProvisioning } from './run-provisioning.js';

const LIMIT_MS = 300_000;

test('20 hubs that lose their power or meet one fault become ACTIVE, whole, and nobody else', {
  timeout: LIMIT_MS,
}, async ({ dir }) => {
  const report = await runProvisioning({ rounds: 20, seed: 5, atOnce: 4, dir });
  expect(report).toEqual({ rounds: 20, active: 20, stranded: 0, orphans: 0, keysLeaked: 0, seed: 5, failed: [] });
});
