import { expect } from 'vitest';
import { test } from '../support/campaign.js';
import { runQueue } from './run-queue.js';

test('500 hubs lose nothing and do nothing twice while processes, links, clocks and cards fail', async ({ dir }) => {
  const report = await runQueue({ rounds: 500, seed: 6, atOnce: 4, dir });
  expect(report).toMatchObject({ rounds: 500, lost: 0, duplicated: 0, violations: 0, failed: [] });
});
