import { expect } from 'vitest';
import { test as base, eventsOf, SILENT, settle } from '../test/support/hub-site.js';
import { HubError } from './errors.js';
import { QueueSide } from './queue-side.js';
import { Warnings } from './reports/warnings.js';

const HOUR_MS = 3_600_000;
const UP = { connected: true, connectedSinceMs: 0, reconnects: 0, problem: undefined, takeOvers: 0 };

const test = base.extend('open', ({ store, site }, { onCleanup }) => {
  const warnings = new Warnings();
  const opened: QueueSide[] = [];
  onCleanup(() => Promise.all(opened.map((side) => side.stop())).then(() => undefined));
  const open = (hasCloud: boolean) => {
    const side = new QueueSide({
      ...{ store, version: '1', hasCloud, warnings, clock: site.clock, log: SILENT },
      isRefused: () => false,
      cloud: () => undefined,
      rssBytes: () => 1,
      temperatureC: async () => null,
      freeBytes: async () => 1,
    });
    opened.push(side);
    side.start();
    return side;
  };
  const pass = async (ms: number) => {
    for (let leftMs = ms; leftMs > 0; leftMs -= 60_000) {
      await settle();
      site.clock.advance(60_000);
    }
    await settle();
  };
  return { open, pass, warnings };
});

test('a hub tells of its link, its card, its log and itself', async ({ store, open: { open, pass, warnings } }) => {
  const side = open(true);
  side.hearLink(UP);
  warnings.hear({ level: 'warn', mod: 'link', message: 'message not handled', code: null });
  const full = () => {
    throw new HubError('storage.full', 'no room');
  };
  expect(() => store.database.write(full)).toThrow('no room');
  await pass(HOUR_MS / 2);
  const types = ([1, 2, 3] as const).flatMap((lane) => eventsOf(store, lane));
  expect(types.map(({ type }) => type)).toEqual([
    'link.changed',
    'storage.trouble',
    'hub.telemetry',
    'hub.telemetry',
    'hub.warned',
  ]);
  expect(store.registers.dirty(10).map(({ key }) => key)).toEqual(['health']);
  const report = await side.report();
  expect(report.state).toBe('offline');
  expect(report.commits.count).toBeGreaterThan(types.length - 1);
});

test('a hub that is meant to work alone keeps nothing for nobody', async ({ store, open: { open, pass } }) => {
  const side = open(false);
  side.hearLink(UP);
  await pass(HOUR_MS);
  expect(store.outbox.depth()).toBe(0);
  expect(store.registers.dirty(10)).toEqual([]);
  expect((await side.report()).state).toBe('alone');
});

test('a hub that is meant to work alone is never full, however much it once kept for a cloud', async ({
  store,
  open: { open },
}) => {
  const large = { type: 'hub.started', body: { version: 'x'.repeat(900_000), bootId: 'a' } } as const;
  store.database.write(() => {
    while (store.outbox.hasRoom()) store.outbox.append(large);
  });
  expect((await open(false).report()).state).toBe('alone');
  expect((await open(true).report()).state).toBe('full');
});
