import { expect } from 'vitest';
import { test } from '../support/campaign.js';
import { SHORT_PLAN } from './queue-round-plan.js';
import { runQueue } from './run-queue.js';

const LIMIT_MS = 300_000;

test('six hubs lose nothing and do nothing twice while processes, links, databases and cards fail', {
  timeout: LIMIT_MS,
}, async ({ dir }) => {
  const rounds = SHORT_PLAN.length;
  const report = await runQueue({ rounds, seed: 1, atOnce: 3, dir, plan: (number) => SHORT_PLAN[number] ?? [] });
  expect(report).toMatchObject({ rounds, lost: 0, duplicated: 0, violations: 0, failed: [] });
  expect(report.delivered).toBeGreaterThan(report.enqueued / 2);
});
