import { expect } from 'vitest';
import { HealthSchema, HubEventSchema } from '../../contract/index.js';
import { test as base, eventsOf, SILENT, settle } from '../../test/support/hub-site.js';
import { healthReporter } from './health-reporter.js';
import { telemetryReporter } from './telemetry-reporter.js';

const LINK = { type: 'link.changed', body: { at: '2026-01-01T00:00:00.000Z', connected: true, reason: null } } as const;

const test = base.extend('deps', ({ store, site }) => {
  const free = { bytes: 1e9 };
  const temperatureC = async () => 40;
  const given = { freeBytes: async () => free.bytes, version: '1.0.0', rssBytes: () => 9, temperatureC };
  return { ...store, ...given, free, clock: site.clock, log: SILENT };
});

test('the health of the queue is told when it has changed, once a minute at most', async ({ store, site, deps }) => {
  const reporter = healthReporter(deps);
  reporter.start();
  const minute = async () => {
    site.clock.advance(60_000);
    await settle();
    return store.registers.dirty(10)[0];
  };
  await store.outbox.enqueue(LINK);
  await store.outbox.enqueue(LINK);
  const first = await minute();
  expect(HealthSchema.parse(first?.body)).toMatchObject({
    lanes: { 0: { rows: 0, oldestS: null }, 1: { rows: 2, oldestS: 60 } },
    enqueued: 2,
    freeBytes: 1e9,
  });
  // Nothing but time passes, for a week without the cloud: that is no news, and wears no card.
  for (let again = 0; again < 20; again += 1) expect((await minute())?.ver).toBe(first?.ver);
  deps.free.bytes -= 100_000_000;
  expect((await minute())?.ver).toBe(2);
  await reporter.stop();
});

test('telemetry comes every quarter of an hour, in a lane of its own', async ({ store, site, deps }) => {
  const reporter = telemetryReporter(deps);
  reporter.start();
  await store.outbox.enqueue(LINK);
  for (let minute = 0; minute < 31; minute += 1) {
    site.clock.advance(60_000);
    await settle();
  }
  await reporter.stop();
  const events = eventsOf(store, 2);
  expect(events.map((event) => HubEventSchema.parse(event))).toMatchObject([
    { type: 'hub.telemetry', body: { uptimeS: 900, rssBytes: 9, temperatureC: 40, freeBytes: 1e9, queueRows: 1 } },
    { type: 'hub.telemetry', body: { uptimeS: 1800, queueRows: 2 } },
  ]);
});
