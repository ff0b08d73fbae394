import { expect } from 'vitest';
import { HubEventSchema } from '../../contract/index.js';
import { test as base, eventsOf, SILENT, settle } from '../../test/support/hub-site.js';
import { LinkWatch } from './link-watch.js';

const UP = { connected: true, problem: undefined };
const DOWN = { connected: false, problem: { code: 'link.lost', message: 'a socket at 10.0.0.7 broke' } };

const test = base.extend('watch', ({ store, site }, { onCleanup }) => {
  const watch = new LinkWatch({ outbox: store.outbox, clock: site.clock, log: SILENT });
  watch.start();
  onCleanup(() => watch.stop());
  return watch;
});

test('each change of the link is told when it happened, with the code of its reason and nothing else', async ({
  store,
  site,
  watch,
}) => {
  for (const state of [UP, DOWN]) {
    watch.hear(state);
    await settle();
    site.clock.advance(60_000);
  }
  const events = eventsOf(store, 1);
  expect(events.map((event) => HubEventSchema.parse(event).type)).toEqual(['link.changed', 'link.changed']);
  expect(events.map(({ body }) => body)).toEqual([
    { at: '2026-01-01T00:00:00.000Z', connected: true, reason: null },
    { at: '2026-01-01T00:01:00.000Z', connected: false, reason: 'link.lost' },
  ]);
});

test('a link that flaps all day tells a few times a minute at most, and in the end how it is', async ({
  store,
  site,
  watch,
}) => {
  for (let flap = 0; flap < 300; flap += 1) {
    watch.hear(flap % 2 === 0 ? UP : DOWN);
    await settle();
    site.clock.advance(1000);
  }
  const told = eventsOf(store, 1).length;
  expect(told).toBeGreaterThan(4);
  expect(told).toBeLessThanOrEqual(2 * 6);
  watch.hear(UP);
  for (let minute = 0; minute < 3; minute += 1) {
    await settle();
    site.clock.advance(60_000);
  }
  await settle();
  expect(eventsOf(store, 1).at(-1)?.body).toMatchObject({ connected: true });
});

test('what comes back within the rest was never away', async ({ store, site, watch }) => {
  for (const state of [UP, DOWN, UP]) {
    watch.hear(state);
    await settle();
  }
  watch.hear(DOWN);
  await settle();
  watch.hear(UP);
  await settle();
  site.clock.advance(120_000);
  await settle();
  expect(eventsOf(store, 1).map(({ body }) => body)).toMatchObject([
    { connected: true },
    { connected: false },
    { connected: true },
  ]);
});

test('that the hub itself closes the link at its stop is no news', async ({ store, watch }) => {
  watch.hear(UP);
  await settle();
  await watch.stop();
  watch.hear(DOWN);
  await settle();
  expect(eventsOf(store, 1)).toHaveLength(1);
});
