import { expect } from 'vitest';
import type { HubEvent } from '../contract/index.js';
import { onPanel } from '../test/support/hub-panel.js';
import { test as base, SILENT, settle } from '../test/support/hub-site.js';
import { startTrouble } from './trouble-side.js';

const MINUTE_MS = 60_000;
const LARGE: HubEvent = { type: 'hub.started', body: { version: 'x'.repeat(900_000), bootId: 'a' } };

const test = base.extend('screensOf', ({ store, site }) => async (isAlone: boolean) => {
  const { display, screens, panel } = onPanel(store, site);
  display.start();
  store.database.write(() => {
    while (store.outbox.hasRoom()) store.outbox.append(LARGE);
  });
  const given = { store, display, isAlone, clock: site.clock, log: SILENT };
  const trouble = startTrouble({ ...given, identity: undefined, refusal: () => undefined, hasCloud: () => false });
  for (let minute = 0; minute < 15; minute += 1) {
    await settle();
    site.clock.advance(MINUTE_MS);
    await settle();
    await panel.end();
  }
  await Promise.all([trouble.stop(), display.stop()]);
  return screens;
});

test('a hub that can keep nothing more for its cloud says so on the glass', async ({ screensOf }) => {
  expect(await screensOf(false)).toMatchObject([{ name: 'error', data: { code: 'outbox.full' } }]);
});

test('a hub that works alone asks nobody for a network', async ({ screensOf }) => {
  expect(await screensOf(true)).toEqual([]);
});
