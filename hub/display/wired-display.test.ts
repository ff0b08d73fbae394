import { expect } from 'vitest';
import { HardwareError } from '../../hardware/index.js';
import { onPanel } from '../../test/support/hub-panel.js';
import { eventsOf, NO_WEAR, PAGE, settle, test } from '../../test/support/hub-site.js';
import { HubError } from '../errors.js';

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

// It ended as superseded by itself, and was never shown.
test('a waiting presentation that is asked for again is shown', async ({ store, site }) => {
  const { display, panel, ask } = onPanel(store, site);
  display.start();
  ask('first', '1');
  await settle();
  ask('second', '2');
  ask('second', '2');
  await settle();
  await panel.end();
  await panel.end();
  expect(panel.shown.map(({ byte }) => byte)).toEqual([1, 2]);
  expect(store.displays.get(display.displayId)?.currentPresentationId).toBe('second');
  const ends = eventsOf(store).filter(({ type }) => type !== 'presentation.received');
  expect(ends).toMatchObject([
    { type: 'presentation.confirmed', body: { presentationId: 'first' } },
    { type: 'presentation.confirmed', body: { presentationId: 'second' } },
  ]);
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
  store.displays.beginRefresh(display.displayId, 0);
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
  const done = display.showScreen({ kind: 'identify', displayName: 'a', hubName: 'b', panel: 'c' }, { showForS: 30 });
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

// The message before it came back over the one that was shown, under the name of the newer.
test('a redraw that failed draws what is on the glass when it is tried again', async ({ store, site }) => {
  const { display, panel, ask } = onPanel(store, site);
  display.start();
  ask('first', '1');
  await settle();
  await panel.end();
  const done = display.redraw();
  await settle();
  await panel.end(new HardwareError('epd.busy-timeout', 'BUSY held'));
  ask('second', '2');
  await settle();
  await panel.end();
  site.clock.advance(20_000);
  await settle();
  await panel.end();
  expect(await done).toMatchObject({ state: 'shown' });
  expect(panel.shown.map(({ byte }) => byte)).toEqual([1, 1, 2, 2]);
  await display.stop();
});

// It ended the process.
test('a store that cannot be read for a moment does not end the painting', async ({ store, site }) => {
  const { display, panel, ask } = onPanel(store, site);
  display.start();
  ask('first', '1');
  store.database.prepare('ALTER TABLE display RENAME COLUMN name TO name_away').run();
  await settle();
  expect(panel.shown).toEqual([]);
  store.database.prepare('ALTER TABLE display RENAME COLUMN name_away TO name').run();
  site.clock.advance(5000);
  await settle();
  await panel.end();
  expect(store.presentations.get('first')?.state).toBe('confirmed');
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
  const done = display.show({ ...second, page: { ...PAGE, text: '2' } }, { signal: newer.signal });
  await settle();
  newer.abort(new HubError('display.superseded', 'newer', { details: { by: 'third' } }));
  expect(await done).toEqual({ state: 'superseded', by: 'third' });
  await panel.end();
  expect(panel.shown.map(({ byte }) => byte)).toEqual([1]);
  await display.stop();
});

// An older message of the cloud that was interrupted came back over what was asked at the hub after it.
test('after a restart, only what was accepted last is still wanted', async ({ site }) => {
  const store = await site.open();
  const { display } = onPanel(store, site);
  const { displayId } = display;
  const asked = { displayId, page: PAGE, askedMs: 0 };
  store.ledger.accept({ ...asked, presentationId: 'cloud', cmdId: 'c', origin: 'cloud' });
  store.ledger.accept({ ...asked, presentationId: 'local', cmdId: null, origin: 'local' });
  const again = await site.open();
  again.ledger.endOvertaken();
  expect(again.presentations.open().map(({ presentationId }) => presentationId)).toEqual(['local']);
  expect(eventsOf(again).at(-1)).toMatchObject({
    type: 'presentation.superseded',
    body: { presentationId: 'cloud', by: 'local' },
  });
});

test('a proof for which there is no room is stored later, and the glass is not driven again', async ({
  store,
  site,
}) => {
  const { display, panel, ask } = onPanel(store, site);
  display.start();
  ask('first', '1');
  await settle();
  const room = store.database.prepare<[], { max_page_count: number }>('PRAGMA max_page_count').get();
  store.database.prepare('PRAGMA max_page_count = 1').get();
  const filler = { type: 'hub.started', body: { version: '1', bootId: display.displayId } } as const;
  expect(() => {
    for (;;) store.database.write(() => store.outbox.append(filler));
  }).toThrow(expect.objectContaining({ code: 'storage.full' }));
  await panel.end();
  expect(store.presentations.get('first')?.state).toBe('rendered');
  // Its high voltage stayed on for as long as the card was full.
  expect(panel.sleeps).toBe(1);
  store.database.prepare(`PRAGMA max_page_count = ${room?.max_page_count}`).get();
  site.clock.advance(5000);
  await settle();
  expect(store.presentations.get('first')?.state).toBe('confirmed');
  expect(panel.shown).toHaveLength(1);
  await display.stop();
});

test('a clock that was set back does not keep a passing screen on the glass for longer than an hour', async ({
  store,
  site,
}) => {
  const { displayId } = onPanel(store, site).display;
  const frameSha256 = `${7}`.padStart(64, '0');
  store.displays.setShown(displayId, { frameSha256, presentationId: 'a', wear: NO_WEAR, atMs: 0 });
  const yearMs = 365 * 24 * 3_600_000;
  store.displays.setRestore(displayId, { presentationId: 'a', frameSha256, atMs: site.clock.now() + yearMs });
  const { display, panel } = onPanel(store, site);
  display.start();
  await settle();
  site.clock.advance(3_600_000);
  await settle();
  expect(panel.shown.map(({ byte }) => byte)).toEqual([7]);
  await panel.end();
  await display.stop();
});

// Glass with colours rests for minutes: an offer that was over came onto it all the same.
test('what is late when its turn comes is not painted, and ends as expired', async ({ store, site }) => {
  const { display, panel, ask } = onPanel(store, site);
  display.start();
  ask('first', '1');
  await settle();
  const { displayId } = display;
  store.ledger.accept({ presentationId: 'second', displayId, cmdId: null, origin: 'cloud', page: PAGE, askedMs: 0 });
  const second = store.presentations.get('second');
  if (second === undefined) throw new HubError('presentation.unknown', 'second');
  let isOverdue = false;
  const done = display.show({ ...second, page: { ...PAGE, text: '2' } }, { isOverdue: () => isOverdue });
  await settle();
  isOverdue = true;
  await panel.end();
  expect(await done).toMatchObject({ state: 'failed', code: 'command.deadline-passed' });
  expect(panel.shown.map(({ byte }) => byte)).toEqual([1]);
  expect(store.presentations.get('second')).toMatchObject({ state: 'failed', code: 'command.deadline-passed' });
  await display.stop();
});
