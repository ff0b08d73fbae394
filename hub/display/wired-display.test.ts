import { expect } from 'vitest';
import { type Frame, HardwareError, panelSpec, RefreshPolicy } from '../../hardware/index.js';
import { aDisplay, aFrame, eventsOf, PAGE, SILENT, type Site, settle, test } from '../../test/support/hub-site.js';
import { HubError } from '../errors.js';
import type { Store } from '../storage/store.js';
import type { Preparation } from './preparer.js';
import { WiredDisplay } from './wired-display.js';

/** A panel whose refreshes end when they are told to. */
class SlowPanel {
  readonly shown: { byte: number; mode: string }[] = [];
  sleeps = 0;
  #ends: ((error?: Error) => void)[] = [];

  show(frame: Frame, mode: 'full' | 'fast' | 'partial') {
    this.shown.push({ byte: frame.data[0] ?? -1, mode });
    return new Promise<{ mode: typeof mode; window: undefined; busyMs: number; tookMs: number }>((resolve, reject) => {
      this.#ends.push((error) =>
        error === undefined ? resolve({ mode, window: undefined, busyMs: 0, tookMs: 0 }) : reject(error),
      );
    });
  }

  async sleep(): Promise<void> {
    this.sleeps += 1;
  }

  async end(error?: Error): Promise<void> {
    this.#ends.shift()?.(error);
    await settle();
  }
}

/** A display of the store on a slow panel; a page's text is the byte of its frame. */
function onPanel(store: Store, { clock }: Site) {
  const panel = new SlowPanel();
  const prepared = (byte: number): Preparation => {
    const frame = aFrame(byte);
    return { ok: true, frame, renderedMs: clock.now(), stored: Promise.resolve() };
  };
  const { displays, ledger } = store;
  const display = new WiredDisplay({
    displayId: aDisplay(store),
    panel: { width: 8, height: 1, inks: ['black', 'white'] },
    epd: panel,
    policy: new RefreshPolicy(panelSpec('7in5_V2')),
    preparer: {
      page: async ({ text }) =>
        text === 'bad'
          ? { ok: false, failure: { stage: 'render', code: 'render.bad', message: 'bad', retryable: false } }
          : prepared(Number(text)),
      screen: async () => prepared(99),
    },
    frames: { get: async (sha256) => Uint8Array.of(Number(sha256)) },
    displays,
    ledger,
    clock,
    random: () => 1,
    log: SILENT,
  });
  const ask = (presentationId: string, text: string) => {
    const { displayId } = display;
    ledger.accept({ presentationId, displayId, cmdId: null, origin: 'local', page: { ...PAGE, text }, askedMs: 0 });
    display.take({ presentationId, page: { ...PAGE, text } });
  };
  return { display, panel, ask };
}

test('of what waits while the glass is busy, only the latest is painted', async ({ store, site }) => {
  const { display, panel, ask } = onPanel(store, site);
  display.start();
  ask('first', '1');
  await settle();
  ask('second', '2');
  ask('third', '3');
  await settle();
  expect(panel.shown).toEqual([{ byte: 1, mode: 'full' }]);
  await panel.end();
  await panel.end();
  expect(panel.shown.map(({ byte }) => byte)).toEqual([1, 3]);
  const { displayId } = display;
  expect(eventsOf(store).filter(({ type }) => type !== 'presentation.received')).toMatchObject([
    { type: 'presentation.superseded', body: { presentationId: 'second', by: 'third' } },
    { type: 'presentation.confirmed', body: { presentationId: 'first', refresh: 'full' } },
    { type: 'presentation.confirmed', body: { presentationId: 'third', displayId } },
  ]);
  expect(store.displays.get(displayId)).toMatchObject({
    currentPresentationId: 'third',
    pendingPresentationId: null,
    glass: 'known',
    awake: 0,
  });
  await display.stop();
});

test('a hub that stopped in the middle of a refresh does not take the old picture for the glass', async ({ site }) => {
  const store = await site.open();
  const { display, panel, ask } = onPanel(store, site);
  display.start();
  ask('first', '1');
  await settle();
  expect(panel.shown).toHaveLength(1);
  const again = await site.open();
  expect(again.displays.list()).toMatchObject([{ glass: 'unknown', awake: 1, pendingPresentationId: 'first' }]);
  expect(again.presentations.open()).toMatchObject([{ presentationId: 'first', state: 'rendered' }]);
});

test('without anything to show the glass is left alone, and a panel left awake is put to sleep', async ({
  store,
  site,
}) => {
  const { display, panel } = onPanel(store, site);
  store.displays.beginRefresh(display.displayId);
  display.start();
  await settle();
  expect(panel).toMatchObject({ shown: [], sleeps: 1 });
  expect(store.displays.get(display.displayId)?.awake).toBe(0);
  await display.stop();
});

test('a refresh that fails is tried again after a while, in full, and at last given up', async ({ store, site }) => {
  const { display, panel, ask } = onPanel(store, site);
  display.start();
  ask('first', '1');
  for (let attempt = 1; attempt <= 4; attempt += 1) {
    await settle();
    expect(panel.shown).toHaveLength(attempt);
    await panel.end(new HardwareError('epd.busy-timeout', 'BUSY held'));
    site.clock.advance(20_000);
  }
  await settle();
  expect(panel.shown).toHaveLength(4);
  expect(eventsOf(store).at(-1)).toMatchObject({
    type: 'presentation.failed',
    body: { presentationId: 'first', stage: 'paint', code: 'epd.busy-timeout', retryable: true },
  });
  await display.stop();
});

test('what cannot be drawn fails by its stage and code, and the next is shown', async ({ store, site }) => {
  const { display, panel, ask } = onPanel(store, site);
  display.start();
  ask('first', 'bad');
  await settle();
  expect(eventsOf(store).at(-1)).toMatchObject({
    body: { presentationId: 'first', stage: 'render', code: 'render.bad' },
  });
  ask('second', '2');
  await settle();
  await panel.end();
  expect(store.presentations.get('second')?.state).toBe('confirmed');
  await display.stop();
});

test('identify gives the glass back to what was shown, also after a restart', async ({ store, site }) => {
  const { display, panel, ask } = onPanel(store, site);
  display.start();
  ask('first', '1');
  await settle();
  await panel.end();
  const done = display.showScreen({ kind: 'identify', displayName: 'a', hubName: 'b', panel: 'c' }, 30);
  await settle();
  await panel.end();
  expect(await done).toMatchObject({ state: 'shown' });
  expect(store.displays.get(display.displayId)).toMatchObject({ currentPresentationId: null });
  await display.stop();

  const restarted = onPanel(store, site);
  restarted.display.start();
  await settle();
  site.clock.advance(30_000);
  await settle();
  await restarted.panel.end();
  expect(restarted.panel.shown).toEqual([{ byte: 1, mode: 'full' }]);
  expect(store.displays.get(display.displayId)).toMatchObject({
    currentPresentationId: 'first',
    restoreFrameSha256: null,
  });
  await restarted.display.stop();
});

test('a redraw flashes the whole glass with what it shows when its turn comes', async ({ store, site }) => {
  const { display, panel, ask } = onPanel(store, site);
  display.start();
  ask('first', '1');
  await settle();
  await panel.end();
  ask('second', '2');
  await settle();
  const done = display.redraw();
  await panel.end();
  await panel.end();
  expect(await done).toMatchObject({ state: 'shown', refresh: 'full' });
  expect(panel.shown.at(-1)).toEqual({ byte: 2, mode: 'full' });
  expect(store.displays.get(display.displayId)?.currentPresentationId).toBe('second');
  await display.stop();
});

test('a newer command drops a presentation that is not being painted yet', async ({ store, site }) => {
  const { display, panel, ask } = onPanel(store, site);
  display.start();
  ask('first', '1');
  await settle();
  const { displayId } = display;
  store.ledger.accept({ presentationId: 'second', displayId, cmdId: null, origin: 'cloud', page: PAGE, askedMs: 0 });
  const second = store.presentations.get('second');
  if (second === undefined) throw new HubError('presentation.unknown', 'second');
  const newer = new AbortController();
  const done = display.show({ ...second, page: { ...PAGE, text: '2' } }, newer.signal);
  await settle();
  newer.abort(new HubError('display.superseded', 'newer', { details: { by: 'third' } }));
  expect(await done).toEqual({ state: 'superseded', by: 'third' });
  await panel.end();
  expect(panel.shown.map(({ byte }) => byte)).toEqual([1]);
  await display.stop();
});
