import { expect } from 'vitest';
import { onPanel } from '../../test/support/hub-panel.js';
import { SILENT, type Site, settle, test } from '../../test/support/hub-site.js';
import { HubError } from '../errors.js';
import type { Store } from '../storage/store.js';
import { type Trouble, TroubleScreen } from './trouble-screen.js';

const REFUSED: Trouble = {
  state: 'refused',
  code: 'claim.refused',
  during: ', while registering',
  advice: 'Ask whoever gave you the hub.',
};
const WAITING: Trouble = {
  state: 'waiting',
  code: 'link.no-network',
  during: ', while reaching the cloud',
  advice: 'Is the hub in the network?',
};
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

const drawn = ({ advice, code, during }: Trouble, title: string) => ({
  kind: 'screen',
  name: 'error',
  data: { title, text: advice, code: `${code}${during}` },
});

test('a refusal that stands is told on the glass, in the words of the page', async ({ store, site }) => {
  const { screens, panel, pass, stop } = onGlass(store, site, REFUSED);
  await pass(19_000);
  expect(screens).toEqual([]);
  await pass(1000);
  expect(screens).toEqual([drawn(REFUSED, 'This hub cannot be set up')]);
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
  expect(screens).toEqual([drawn(WAITING, 'Setting up this hub')]);
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

// A hub without a network that was lost and found again by turns never told of it.
test('a trouble whose code changes by turns is told all the same, and the glass does not follow each turn', async ({
  store,
  site,
}) => {
  const { screens, panel, tell, pass, stop } = onGlass(store, site, WAITING);
  const other = { ...WAITING, code: 'claim.no-answer' };
  for (let turns = 0; turns < 6; turns += 1) {
    await tell(turns % 2 === 0 ? WAITING : other);
    await pass(MINUTE_MS);
    await panel.end();
  }
  expect(screens.length).toBe(1);
  await tell({ ...WAITING, code: 'link.lost' });
  await pass(2 * MINUTE_MS);
  expect(screens.length).toBe(2);
  await panel.end();
  await stop();
});

// A store that could not be written ended the whole hub.
test('what fails while it is told is tried again, and the hub lives on', async ({ store, site }) => {
  const { displays, binding, meta } = store;
  const { clock } = site;
  const glass = onPanel(store, site);
  let failures = 0;
  const require: typeof displays.require = (displayId) => {
    failures += 1;
    if (failures <= 3) throw new HubError('storage.failing', 'as the test wishes');
    return displays.require(displayId);
  };
  const parts = { display: glass.display, displays: { require }, binding, meta };
  const screen = new TroubleScreen({ trouble: () => REFUSED, ...parts, clock, log: SILENT });
  glass.display.start();
  screen.start();
  for (let minutes = 0; minutes < 5; minutes += 1) {
    await settle();
    clock.advance(MINUTE_MS);
    await settle();
  }
  expect(glass.screens.length).toBe(1);
  await glass.panel.end();
  await Promise.all([screen.stop(), glass.display.stop()]);
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
