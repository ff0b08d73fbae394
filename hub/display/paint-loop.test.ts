import { expect } from 'vitest';
import { HardwareError } from '../../hardware/index.js';
import { onPanel } from '../../test/support/hub-panel.js';
import { eventsOf, settle, test } from '../../test/support/hub-site.js';

const HOUR_MS = 3_600_000;
const REST_MS = 180_000;
const COLOURS = { panel: '7in3e' };

function endsOf(store: Parameters<typeof eventsOf>[0]) {
  return eventsOf(store).filter(({ type }) => type !== 'presentation.received');
}

test('glass that rests gets the newest when the rest is over; the older ones have ended, and the panel sleeps', async ({
  store,
  site,
}) => {
  const { display, panel, ask } = onPanel(store, site, COLOURS);
  display.start();
  ask('first', '1');
  await settle();
  expect(display.heldBack).toBeUndefined();
  await panel.end();
  site.clock.advance(60_000);
  ask('second', '2');
  await settle();
  ask('third', '3');
  await settle();
  expect(display.heldBack).toEqual({ why: 'too-soon', untilMs: site.clock.now() + REST_MS - 60_000 });
  expect(store.presentations.get('third')?.state).toBe('received');
  expect(panel.sleeps).toBe(1);
  site.clock.advance(REST_MS - 60_001);
  await settle();
  expect(panel.shown).toHaveLength(1);
  site.clock.advance(1);
  await settle();
  expect(panel.shown.map(({ byte }) => byte)).toEqual([1, 3]);
  expect(display.heldBack).toBeUndefined();
  await panel.end();
  expect(endsOf(store)).toMatchObject([
    { type: 'presentation.confirmed', body: { presentationId: 'first' } },
    { type: 'presentation.superseded', body: { presentationId: 'second', by: 'third' } },
    { type: 'presentation.confirmed', body: { presentationId: 'third' } },
  ]);
  await display.stop();
});

test('a rest goes on after a restart, and what waited for its end is painted then', async ({ site }) => {
  const store = await site.open();
  const first = onPanel(store, site, COLOURS);
  first.display.start();
  first.ask('first', '1');
  await settle();
  await first.panel.end();
  site.clock.advance(100_000);
  first.ask('second', '2');
  await settle();
  await first.display.stop();
  expect(store.presentations.get('second')?.state).toBe('received');

  const again = onPanel(await site.open(), site, COLOURS);
  again.display.take({ presentationId: 'second', page: first.page('2') });
  again.display.start();
  await settle();
  site.clock.advance(79_999);
  await settle();
  expect(again.panel.shown).toEqual([]);
  site.clock.advance(1);
  await settle();
  expect(again.panel.shown).toEqual([{ byte: 2, mode: 'full' }]);
  await again.panel.end();
  await again.display.stop();
});

test.for([
  ['back by a year', -365 * 24 * HOUR_MS],
  ['forward by an hour', HOUR_MS],
] as const)('a wall clock that is set %s leaves a rest as long as it is', async ([, jumpMs], { store, site }) => {
  const { display, panel, ask } = onPanel(store, site, COLOURS);
  display.start();
  ask('first', '1');
  await settle();
  await panel.end();
  site.clock.jumpWall(jumpMs);
  ask('second', '2');
  await settle();
  site.clock.advance(REST_MS - 1);
  await settle();
  expect(panel.shown).toHaveLength(1);
  site.clock.advance(1);
  await settle();
  expect(panel.shown).toHaveLength(2);
  await panel.end();
  await display.stop();
});

test('on glass that rests, a message goes before a screen of the hub that was asked for earlier, which lapses', async ({
  store,
  site,
}) => {
  const { display, panel, ask } = onPanel(store, site, COLOURS);
  display.start();
  ask('first', '1');
  await settle();
  await panel.end();
  const bound = display.showScreen({ kind: 'bound', householdName: 'Anna' });
  await settle();
  ask('second', '2');
  await settle();
  site.clock.advance(REST_MS);
  await settle();
  await panel.end();
  expect(panel.shown.map(({ byte }) => byte)).toEqual([1, 2]);
  expect(await bound).toEqual({ state: 'superseded', by: 'second' });
  await display.stop();
});

test('a screen that has no sense any more when the rest is over is not painted', async ({ store, site }) => {
  const { display, panel, ask } = onPanel(store, site, COLOURS);
  display.start();
  ask('first', '1');
  await settle();
  await panel.end();
  const claim = { kind: 'claim-code', code: 'BCDF-GHJK', url: 'https://inklet.app/bind', word: 'otter' } as const;
  const done = display.showScreen(claim, { wanted: () => false });
  await settle();
  site.clock.advance(REST_MS);
  expect(await done).toEqual({ state: 'superseded', by: null });
  expect(panel.shown).toHaveLength(1);
  await display.stop();
});

test.for([
  ['too-cold', -1],
  ['too-hot', 51],
] as const)(
  'a frame waits while the room is %s, and is painted once it is not',
  async ([why, temperatureC], { store, site }) => {
    const { display, panel, ask, surroundings } = onPanel(store, site);
    surroundings.temperatureC = temperatureC;
    display.start();
    ask('first', '1');
    await settle();
    site.clock.advance(HOUR_MS);
    await settle();
    expect(panel.shown).toEqual([]);
    expect(display.heldBack).toEqual({ why, untilMs: undefined });
    surroundings.temperatureC = 20;
    site.clock.advance(60_000);
    await settle();
    expect(panel.shown).toEqual([{ byte: 1, mode: 'full' }]);
    await panel.end();
    await display.stop();
  },
);

test('in a cool room small changes are full refreshes', async ({ store, site }) => {
  const { display, panel, ask, surroundings } = onPanel(store, site);
  surroundings.temperatureC = 5;
  display.start();
  for (const byte of ['1', '3']) {
    ask(byte, byte);
    await settle();
    await panel.end();
  }
  expect(panel.shown.map(({ mode }) => mode)).toEqual(['full', 'full']);
  await display.stop();
});

test('what partial refreshes left is wiped once a night, also by a hub that was started again since', async ({
  site,
}) => {
  const first = onPanel(await site.open(), site);
  first.display.start();
  for (const byte of ['1', '3']) {
    first.ask(byte, byte);
    await settle();
    await first.panel.end();
  }
  expect(first.panel.shown.map(({ mode }) => mode)).toEqual(['full', 'partial']);
  await first.display.stop();

  const store = await site.open();
  const { display, panel, surroundings } = onPanel(store, site);
  const wear = () => store.displays.get(display.displayId);
  expect(wear()).toMatchObject({ partialsSinceFull: 1, lastFullMs: site.clock.now() });
  expect(wear()?.ghostSpent).toBeCloseTo(0.5);
  display.start();
  site.clock.advance(HOUR_MS);
  await settle();
  expect(panel.shown).toEqual([]);
  surroundings.hour = 2;
  for (let look = 0; look < 12; look += 1) {
    site.clock.advance(HOUR_MS / 6);
    await settle();
    await panel.end();
  }
  expect(panel).toMatchObject({ shown: [{ byte: 3, mode: 'full' }], sleeps: 1 });
  expect(wear()).toMatchObject({
    currentPresentationId: '3',
    partialsSinceFull: 0,
    ghostSpent: 0,
    lastFullMs: site.clock.now() - (11 * HOUR_MS) / 6,
  });
  await display.stop();
});

test('glass whose picture stays is refreshed once a day, and again after what is on it for a while', async ({
  store,
  site,
}) => {
  const { display, panel, ask } = onPanel(store, site, COLOURS);
  display.start();
  ask('first', '1');
  await settle();
  await panel.end();
  for (let hour = 1; hour <= 50; hour += 1) {
    site.clock.advance(HOUR_MS);
    await settle();
    await panel.end();
  }
  expect(panel.shown.map(({ byte }) => byte)).toEqual([1, 1, 1]);
  expect(panel.sleeps).toBe(3);
  await display.stop();
});

test('the glass is not wiped while it rests, while a frame is on its way, or while nobody knows what it shows', async ({
  store,
  site,
}) => {
  const { display, panel, ask, surroundings } = onPanel(store, site);
  display.start();
  for (const byte of ['1', '3']) {
    ask(byte, byte);
    await settle();
    await panel.end();
  }
  surroundings.hour = 3;
  surroundings.temperatureC = -10;
  site.clock.advance(HOUR_MS);
  await settle();
  expect(panel.shown).toHaveLength(2);
  surroundings.temperatureC = undefined;
  ask('slow', 'never');
  site.clock.advance(HOUR_MS);
  await settle();
  expect(panel.shown).toHaveLength(2);
  ask('broken', '4');
  await settle();
  for (let attempt = 0; attempt < 4; attempt += 1) {
    await panel.end(new HardwareError('epd.busy-timeout', 'BUSY held'));
    site.clock.advance(20_000);
    await settle();
  }
  site.clock.advance(HOUR_MS);
  await settle();
  expect(panel.shown.map(({ byte }) => byte)).toEqual([1, 3, 4, 4, 4, 4]);
  await display.stop();
});

// It was left with its high voltage on.
test('a panel is put to sleep by a hub that stops while something waits', async ({ store, site }) => {
  const { display, panel, ask } = onPanel(store, site);
  display.start();
  ask('first', '1');
  await settle();
  ask('second', '2');
  await settle();
  const stopped = display.stop();
  await panel.end();
  await stopped;
  expect(panel).toMatchObject({ shown: [{ byte: 1 }], sleeps: 1 });
});
