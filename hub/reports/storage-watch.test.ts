import { expect } from 'vitest';
import { test as base, eventsOf, SILENT, settle } from '../../test/support/hub-site.js';
import { HubError } from '../errors.js';
import { StorageWatch } from './storage-watch.js';

const test = base.extend('rig', ({ store, site }, { onCleanup }) => {
  const rig = {
    isFull: false,
    enqueue: async (...[event]: Parameters<typeof store.outbox.enqueue>) => {
      if (rig.isFull) throw new HubError('storage.full', 'no room');
      return store.outbox.enqueue(event);
    },
  };
  const { meta } = store;
  const deps = { outbox: rig, meta, freeBytes: async () => 0, clock: site.clock, log: SILENT };
  const watches: StorageWatch[] = [];
  onCleanup(() => Promise.all(watches.map((watch) => watch.stop())).then(() => undefined));
  const start = () => {
    const watch = new StorageWatch(deps);
    watches.push(watch);
    watch.start();
    return watch;
  };
  return Object.assign(rig, { start });
});

test('a card that is full is told once there is room, with the time at which it was found so', async ({
  store,
  site,
  rig,
}) => {
  const watch = rig.start();
  await settle();
  rig.isFull = true;
  for (let time = 0; time < 100; time += 1) watch.note('storage.full');
  for (let minute = 0; minute < 5; minute += 1) {
    site.clock.advance(60_000);
    await settle();
  }
  rig.isFull = false;
  site.clock.advance(60_000);
  await settle();
  expect(eventsOf(store, 1)).toEqual([
    { type: 'storage.trouble', body: { at: '2026-01-01T00:00:00.000Z', code: 'storage.full', freeBytes: 0 } },
  ]);
});

test('the same trouble is told once an hour, another one at once', async ({ store, site, rig }) => {
  const watch = rig.start();
  await settle();
  for (let minute = 0; minute < 90; minute += 1) {
    watch.note('storage.full');
    if (minute === 30) watch.note('storage.failing');
    site.clock.advance(60_000);
    await settle();
  }
  const codes = eventsOf(store, 1).map(({ body }) => JSON.stringify(body).match(/storage\.\w+/)?.[0]);
  expect(codes).toEqual(['storage.full', 'storage.failing', 'storage.full']);
});

test('that the database was damaged is told once, also over starts', async ({ store, rig }) => {
  store.meta.set('damaged_at', '2025-12-31T00:00:00.000Z');
  for (let start = 0; start < 3; start += 1) {
    rig.start();
    await settle();
  }
  expect(eventsOf(store, 1).map(({ body }) => body)).toEqual([
    { at: '2025-12-31T00:00:00.000Z', code: 'storage.damaged', freeBytes: 0 },
  ]);
});
