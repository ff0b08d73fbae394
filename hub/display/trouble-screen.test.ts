import { expect } from 'vitest';
import { onPanel } from '../../test/support/hub-panel.js';
import { SILENT, type Site, settle, test } from '../../test/support/hub-site.js';
import type { Store } from '../storage/store.js';
import { type Trouble, TroubleScreen } from './trouble-screen.js';

const REFUSED: Trouble = { state: 'refused', code: 'claim.refused', advice: 'Ask whoever gave you the hub.' };
const WAITING: Trouble = { state: 'waiting', code: 'link.no-network', advice: 'Is the hub in the network?' };
const MINUTE_MS = 60_000;
const WHITE = 255;

/** A glass with a trouble screen at work; `tell` changes what the trouble is. */
function onGlass(store: Store, site: Site, first?: Trouble) {
  const glass = onPanel(store, site);
  const world: { trouble: Trouble | undefined } = { trouble: first };
  const { displays, binding, meta } = store;
  const { display } = glass;
  const deps = { trouble: () => world.trouble, display, displays, binding, meta, clock: site.clock, log: SILENT };
  const screen = new TroubleScreen(deps);
  display.start();
  screen.start();
  const pass = async (ms: number) => {
    await settle();
    site.clock.advance(ms);
    await settle();
  };
  const tell = async (trouble: Trouble | undefined) => {
    world.trouble = trouble;
    screen.notify();
    await settle();
  };
  const stop = async () => void (await Promise.all([screen.stop(), display.stop()]));
  return { ...glass, tell, pass, stop };
}

const drawn = (text: string, title: string, code: string) => ({
  kind: 'screen',
  name: 'error',
  data: { title, text, code },
});

test('a refusal that stands is told on the glass, in the words of the page', async ({ store, site }) => {
  const { screens, panel, pass, stop } = onGlass(store, site, REFUSED);
  await pass(19_000);
  expect(screens).toEqual([]);
  await pass(1000);
  expect(screens).toEqual([drawn(REFUSED.advice, 'This hub cannot be set up', REFUSED.code)]);
  await panel.end();
  expect(panel.shown.length).toBe(1);
  await stop();
});

test('what passes by itself within two minutes is not worth a refresh', async ({ store, site }) => {
  const { screens, panel, tell, pass, stop } = onGlass(store, site, WAITING);
  await pass(MINUTE_MS);
  await tell(undefined);
  await pass(MINUTE_MS);
  await tell(WAITING);
  await pass(2 * MINUTE_MS - 1);
  expect(screens).toEqual([]);
  await pass(1);
  expect(screens).toEqual([drawn(WAITING.advice, 'Setting up this hub', WAITING.code)]);
  await panel.end();
  await stop();
});

test('the same again is not drawn again, not after a start either, and something else is', async ({ site }) => {
  const first = onGlass(await site.open(), site, REFUSED);
  await first.pass(MINUTE_MS);
  await first.panel.end();
  await first.tell({ ...REFUSED });
  await first.pass(MINUTE_MS);
  expect(first.screens.length).toBe(1);
  await first.stop();
  const second = onGlass(await site.open(), site, REFUSED);
  await second.pass(MINUTE_MS);
  expect(second.screens).toEqual([]);
  await second.tell({ ...REFUSED, code: 'claim.certificate-refused' });
  await second.pass(MINUTE_MS);
  expect(second.screens.length).toBe(1);
  await second.panel.end();
  await second.stop();
});

test('what a household shows, or is about to, stays', async ({ store, site }) => {
  const { screens, panel, ask, pass, tell, stop } = onGlass(store, site, REFUSED);
  ask('first', '1');
  await pass(MINUTE_MS);
  await panel.end();
  await tell(WAITING);
  await pass(5 * MINUTE_MS);
  expect(screens).toEqual([]);
  expect(panel.shown.map(({ byte }) => byte)).toEqual([1]);
  await stop();
});

test('nor is a hub that belongs to somebody written on', async ({ store, site }) => {
  store.binding.bind({ householdId: '01890a5d-ac96-774b-bcce-b302099a8057', householdName: 'Home' });
  const { screens, pass, stop } = onGlass(store, site, REFUSED);
  await pass(5 * MINUTE_MS);
  expect(screens).toEqual([]);
  await stop();
});

test('when it is over and nothing takes its place, it is taken off after a while', async ({ store, site }) => {
  const { panel, tell, pass, stop } = onGlass(store, site, REFUSED);
  await pass(MINUTE_MS);
  await panel.end();
  await tell(undefined);
  await pass(5 * MINUTE_MS);
  await panel.end();
  expect(panel.shown.map(({ byte }) => byte)).toEqual([99, WHITE]);
  await stop();
});

test('what came in its place is left alone', async ({ store, site }) => {
  const { panel, ask, tell, pass, stop } = onGlass(store, site, REFUSED);
  await pass(MINUTE_MS);
  await panel.end();
  await tell(undefined);
  await pass(4 * MINUTE_MS);
  ask('first', '1');
  await settle();
  await panel.end();
  await pass(10 * MINUTE_MS);
  expect(panel.shown.map(({ byte }) => byte)).toEqual([99, 1]);
  await stop();
});
