import { fastify } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { expect } from 'vitest';
import { test as base } from '../../test/support/hub-site.js';
import { CommitTimes } from '../metrics/commit-times.js';
import { type QueueSources, queueReport } from '../queue-report.js';
import { QUEUE_LIMITS } from '../storage/queue-limits.js';
import { queueRoutes } from './queue-routes.js';
import { QueueViewSchema } from './queue-view.js';

const AT = '2026-01-01T00:00:00.000Z';
const LINK = { type: 'link.changed', body: { at: AT, connected: true, reason: null } } as const;
const STARTED = {
  type: 'hub.started',
  body: { version: 'x', bootId: '01890000-0000-7000-8000-000000000001' },
} as const;
const LINK_UP = { connected: true, connectedSinceMs: 0, reconnects: 0, problem: undefined, takeOvers: 0 };
const SYNCED = { lastSuccessMs: Date.parse(AT), failures: 0, lastError: undefined, nextTryMs: undefined };

const test = base.extend('hub', async ({ store, site }, { onCleanup }) => {
  const sources: QueueSources = {
    ...store,
    freeBytes: async () => 5000,
    commits: new CommitTimes(site.clock),
    hasCloud: true,
    isRefused: () => false,
    cloud: () => ({ syncStatus: () => ({ ...SYNCED, outcomes: new Map([['ok', 3]]) }), link: () => LINK_UP }),
  };
  const app = fastify().setValidatorCompiler(validatorCompiler).setSerializerCompiler(serializerCompiler);
  await app.register(queueRoutes({ queue: () => queueReport(sources), now: () => site.clock.now() }));
  onCleanup(() => app.close());
  const view = async () => QueueViewSchema.parse((await app.inject('/api/queue')).json());
  const metrics = async () => (await app.inject('/metrics')).body.split('\n');
  return { sources, view, metrics };
});

test('what waits is told by lane, with its age and what it may grow to', async ({ store, site, hub }) => {
  expect(await hub.view()).toMatchObject({ state: 'synced', waiting: { rows: 0, bytes: 0, oldestS: null } });
  await store.outbox.enqueue(LINK);
  site.clock.advance(90_000);
  await store.outbox.enqueue(STARTED);
  const view = await hub.view();
  expect(view).toMatchObject({
    state: 'waiting',
    epoch: store.outbox.epoch,
    waiting: { rows: 2, oldestS: 90 },
    enqueued: 2,
    acked: 0,
    card: { freeBytes: 5000, ballast: false },
    sync: { lastSyncedAt: AT, nextTryAt: null, failures: 0, lastError: null },
  });
  expect(view.lanes).toMatchObject([
    { lane: 0, name: 'control', rows: 1, oldestS: 0, limitBytes: 8 * 1024 * 1024 },
    { lane: 1, name: 'events', rows: 1, oldestS: 90 },
    { lane: 2, name: 'telemetry', rows: 0, oldestS: null },
    { lane: 3, name: 'bulk', rows: 0, oldestS: null },
  ]);
});

test('what was dropped is told with its reason, and what the cloud has or could not read', async ({ site, hub }) => {
  const limits = { ...QUEUE_LIMITS, 1: { bytes: 3000, ttlMs: null } };
  const store = await site.open({ limits });
  Object.assign(hub.sources, store);
  for (let event = 0; event < 100; event += 1) await store.outbox.enqueue(LINK);
  store.outbox.noteSent(1, 100);
  store.database.write(() => store.outbox.acknowledge(1, 100));
  store.outbox.noteRejected(2);
  store.registers.set('health', 1);
  store.registers.set('health', 2);
  const { dropped, acked, rejected, superseded, enqueued, lanes } = await hub.view();
  expect(dropped.quota).toBeGreaterThan(50);
  expect(lanes[1]?.dropped).toEqual(dropped);
  expect([enqueued, acked + (dropped.quota ?? 0), rejected, superseded]).toEqual([100, 100, 2, 1]);
});

test.for<[string, Partial<QueueSources>]>([
  ['alone', { hasCloud: false, cloud: () => undefined }],
  ['offline', { cloud: () => undefined }],
  ['offline', { cloud: statusOf('sync.unreachable') }],
  ['refused', { cloud: statusOf('sync.version') }],
  ['refused', { isRefused: () => true, cloud: () => undefined }],
  ['full', { outbox: undefined }],
])('a hub is %s when it is', async ([state, change], { store, hub }) => {
  const { outbox } = store;
  const full = { epoch: outbox.epoch, figures: () => outbox.figures(), hasRoom: () => false };
  Object.assign(hub.sources, change, 'outbox' in change ? { outbox: full } : {});
  expect(await hub.view()).toMatchObject({ state });
});

test('whether the room kept for a full card is there is told', async ({ store, hub }) => {
  await store.ballast.restore();
  expect((await hub.view()).card.ballast).toBe(true);
  store.ballast.release();
  expect((await hub.view()).card.ballast).toBe(false);
});

test('after a start without a network the hub still knows when it was synced last', async ({ store, hub }) => {
  store.meta.set('synced_at', '2025-12-24T18:00:00.000Z');
  hub.sources.cloud = () => undefined;
  expect((await hub.view()).sync.lastSyncedAt).toBe('2025-12-24T18:00:00.000Z');
});

test('Prometheus reads the same figures, and how long commits take', async ({ store, site, hub }) => {
  store.database.watch((write) => hub.sources.commits.time(write));
  await store.outbox.enqueue(LINK);
  hub.sources.commits.time(() => site.clock.advance(30));
  const lines = await hub.metrics();
  expect(lines).toEqual(
    expect.arrayContaining([
      '# TYPE inklet_hub_queue_enqueued_total counter',
      'inklet_hub_queue_enqueued_total{lane="1"} 1',
      'inklet_hub_queue_rows{lane="1"} 1',
      'inklet_hub_queue_rejected_total 0',
      'inklet_hub_commit_seconds_bucket{le="0.02"} 1',
      'inklet_hub_commit_seconds_bucket{le="0.05"} 2',
      'inklet_hub_commit_seconds_bucket{le="+Inf"} 2',
      'inklet_hub_commit_seconds_count 2',
      'inklet_hub_disk_free_bytes 5000',
      'inklet_hub_sync_exchanges_total{outcome="ok"} 3',
      'inklet_hub_sync_last_ack_age_seconds 0.03',
      'inklet_hub_link_up 1',
    ]),
  );
  // Prometheus refuses a page with a line that it cannot read.
  const sample = /^[a-z_]+(\{[a-z]+="[^"\\]*"(,[a-z]+="[^"\\]*")*\})? (\d+(\.\d+)?(e-\d+)?|\+Inf)$/;
  expect(lines.filter((line) => line !== '' && !line.startsWith('# ') && !sample.test(line))).toEqual([]);
  expect((await hub.view()).commits).toEqual({ count: 2, p99Ms: 50 });
});

function statusOf(lastError: string): QueueSources['cloud'] {
  const status = { ...SYNCED, failures: 1, lastError, outcomes: new Map() };
  return () => ({ syncStatus: () => status, link: () => LINK_UP });
}
