import { expect } from 'vitest';
import { test } from '../support/campaign.js';
import { QUEUE_FAULTS } from './queue-round-plan.js';
import { runQueue } from './run-queue.js';

const LIMIT_MS = 300_000;

test('as many hubs as there are faults lose nothing and do nothing twice while processes, links, clocks and cards fail', {
  timeout: LIMIT_MS,
}, async ({ dir }) => {
  const rounds = QUEUE_FAULTS.length;
  const report = await runQueue({ rounds, seed: 1, atOnce: 3, dir });
  expect(report).toMatchObject({ rounds, lost: 0, duplicated: 0, violations: 0, failed: [] });
  expect(report.delivered).toBeGreaterThan(report.enqueued / 2);
});
