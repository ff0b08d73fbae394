import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { v7 } from 'uuid';
import { expect } from 'vitest';
import { test } from '../../test/support/commanded-hub.js';
import { eventsOf, settle } from '../../test/support/hub-site.js';

const ANNA = { householdId: '01890000-0000-7000-8000-00000000000a', householdName: 'Anna' };
const BORIS = { householdId: '01890000-0000-7000-8000-00000000000b', householdName: 'Boris' };
const CODE = { requestId: v7(), code: 'BCDF-GHJK', url: 'https://inklet.app/bind#code=BCDF-GHJK', word: 'otter' };
const LIFE_MS = 600_000;

test('a claim code is shown for as long as it lives by the cloud, if the clock can be trusted', async ({
  store,
  site,
  hub,
}) => {
  const expiresAt = new Date(site.clock.now() + 600_000).toISOString();
  await hub.send('claim_code', 'claim', { ...CODE, expiresAt });
  const { requestId, ...screen } = CODE;
  expect(hub.screens).toEqual([{ kind: 'claim-code', ...screen }]);
  expect(store.binding.claim()).toEqual({ requestId, expiresMs: Date.parse(expiresAt) });
  site.clock.advance(600_000);
  await hub.send('claim_code', 'claim', { ...CODE, expiresAt });
  expect(hub.results().at(-1)).toMatchObject({ state: 'expired', code: 'command.deadline-passed' });
});

// A hub whose clock ran ahead refused every claim code, and could be bound to nobody.
test('a clock that nobody set does not make a claim code old', async ({ store, site, hub }) => {
  hub.distrustClock();
  const [issuedAt, expiresAt] = ['2025-06-01T00:00:00.000Z', '2025-06-01T00:10:00.000Z'];
  await hub.send('claim_code', 'claim', { ...CODE, expiresAt }, { issuedAt });
  expect(hub.screens).toHaveLength(1);
  expect(store.binding.claim()?.expiresMs).toBe(site.clock.now() + 600_000);
});

test('a hub that is bound shows no claim code', async ({ store, site, hub }) => {
  await hub.send('bound', 'binding', ANNA);
  expect(store.binding.household()).toEqual(ANNA);
  const expiresAt = new Date(site.clock.now() + 600_000).toISOString();
  await hub.send('claim_code', 'claim', { ...CODE, expiresAt });
  expect(hub.screens).toEqual([{ kind: 'bound', householdName: 'Anna' }]);
  expect(hub.results().at(-1)).toMatchObject({ kind: 'claim_code', code: 'command.superseded' });
});

// The code that people were to type at the hub was painted over by one of a cloud that had gone away meanwhile.
test('what the cloud said of claims before it went away does not cover the code that the hub made since', async ({
  site,
  hub,
}) => {
  const expiresAt = new Date(site.clock.now() + LIFE_MS).toISOString();
  hub.show('7');
  await settle();
  hub.push('claim_code', 'claim', { ...CODE, expiresAt });
  await settle();
  hub.own.hasCode = true;
  await hub.paint();
  const asked = { claimId: v7(), householdName: 'Anna', word: 'otter', expiresAt };
  await hub.send('claim_asked', 'claim', asked);
  expect(hub.panel.shown).toHaveLength(1);
  const claims = [
    { kind: 'claim_code', code: 'display.superseded' },
    { kind: 'claim_asked', code: 'command.superseded' },
  ];
  expect(hub.results().slice(-2)).toMatchObject(claims);
  hub.own.hasCode = false;
  await hub.send('claim_code', 'claim', { ...CODE, expiresAt });
  expect(hub.panel.shown).toHaveLength(2);
});

test('a hub is bound at once, whatever its glass is doing', async ({ store, hub }) => {
  hub.show('7');
  await settle();
  hub.push('bound', 'binding', ANNA);
  await settle();
  expect(hub.panel.shown).toHaveLength(1);
  expect(store.binding.household()).toEqual(ANNA);
  await hub.paint();
  expect(hub.results().at(-1)).toMatchObject({ kind: 'bound', state: 'applied' });
});

test('a claim code that waits gives way to a newer one, which alone is shown', async ({ store, site, hub }) => {
  hub.show('7');
  await settle();
  const expiresAt = new Date(site.clock.now() + 600_000).toISOString();
  const older = hub.push('claim_code', 'claim', { ...CODE, expiresAt });
  await settle();
  const requestId = v7();
  const newer = hub.push('claim_code', 'claim', { ...CODE, requestId, expiresAt });
  await hub.paint();
  expect(hub.panel.shown.map(({ byte }) => byte)).toEqual([7, 99]);
  expect(store.binding.claim()?.requestId).toBe(requestId);
  expect(hub.results()).toMatchObject([
    { cmdId: older, state: 'superseded' },
    { kind: 'text', state: 'applied' },
    { cmdId: newer, state: 'applied' },
  ]);
});

// The next household saw on the hub's page what the last one had shown, and its pictures stayed on the card.
test('a household that leaves leaves nothing behind', async ({ store, site, hub }) => {
  const { displays, presentations, assets, frames } = store;
  const picture = await assets.put(Buffer.from('a picture'));
  const frame = await frames.put(Buffer.from('a frame'));
  await hub.send('bound', 'binding', ANNA);
  await hub.send('config', 'config', { displayNames: { [hub.displayId]: "Anna's bed" } });
  const [shown, local] = [hub.show('7'), v7()];
  await hub.paint();
  hub.ask(local, '8');
  await settle();
  const waiting = hub.show('9');
  await hub.send('unbound', 'binding', { reason: 'released' });
  expect(store.binding.household()).toBeUndefined();
  for (const id of [shown, local, waiting]) expect(presentations.get(id)).toBeUndefined();
  expect(hub.panel.shown.map(({ byte }) => byte)).toEqual([99, 7, 8, 0xff]);
  expect(displays.get(hub.displayId)).toMatchObject({
    name: 'Waveshare 7.5" V2',
    currentPresentationId: null,
    pendingPresentationId: null,
    restoreFrameSha256: null,
  });
  await expect.poll(() => assets.get(picture)).toBeUndefined();
  await expect.poll(() => frames.get(frame)).toBeUndefined();
  expect(hub.results().at(-1)).toMatchObject({ kind: 'unbound', state: 'applied' });
  expect(eventsOf(store)).toContainEqual(
    expect.objectContaining({
      type: 'presentation.superseded',
      body: expect.objectContaining({ presentationId: waiting }),
    }),
  );
  site.clock.advance(3_600_000);
  await hub.paint();
  expect(hub.panel.shown).toHaveLength(4);
});

test('a hub that goes straight to another household takes off what was there, and keeps what came after', async ({
  store,
  hub,
}) => {
  await hub.send('bound', 'binding', ANNA);
  const hers = hub.show('7');
  await hub.paint();
  hub.push('unbound', 'binding', { reason: 'released' });
  hub.push('bound', 'binding', BORIS);
  const his = hub.show('8');
  await hub.paint();
  expect(store.binding.household()).toEqual(BORIS);
  expect(store.presentations.get(hers)).toBeUndefined();
  expect(store.presentations.get(his)?.state).toBe('confirmed');
  expect(store.displays.get(hub.displayId)).toMatchObject({ pendingPresentationId: null });
  expect(eventsOf(store)).toContainEqual(
    expect.objectContaining({ type: 'presentation.confirmed', body: expect.objectContaining({ presentationId: his }) }),
  );
});

// It ran both at once, found the code to be none of its household's, and showed a blank glass.
test('a hub that comes back to the word that it was let go, and to a code behind it, leaves and shows the code', async ({
  store,
  site,
  hub,
}) => {
  await hub.send('bound', 'binding', ANNA);
  const hers = hub.show('7');
  await hub.paint();
  const expiresAt = new Date(site.clock.now() + LIFE_MS).toISOString();
  store.database.write(() => {
    hub.push('unbound', 'binding', { reason: 'released' });
    hub.push('claim_code', 'claim', { ...CODE, expiresAt });
  });
  await expect.poll(() => hub.paint().then(() => hub.panel.shown.map(({ byte }) => byte))).toEqual([99, 7, 0xff, 99]);
  expect(store.binding.household()).toBeUndefined();
  expect(store.presentations.get(hers)).toBeUndefined();
  expect(store.binding.claim()?.requestId).toBe(CODE.requestId);
  expect(hub.results().slice(-2)).toMatchObject([
    { kind: 'unbound', state: 'applied' },
    { kind: 'claim_code', state: 'applied' },
  ]);
});

// A hub that changed hands while its cloud mistook whose it was would have been wiped under its new household.
test('the word to leave one household does not part the hub from another', async ({ store, hub }) => {
  await hub.send('bound', 'binding', ANNA);
  await hub.send('unbound', 'binding', { reason: 'released', householdId: BORIS.householdId });
  expect(store.binding.household()).toEqual(ANNA);
  expect(hub.results().at(-1)).toMatchObject({ kind: 'unbound', code: 'command.superseded' });
  await hub.send('unbound', 'binding', { reason: 'released', householdId: ANNA.householdId });
  expect(store.binding.household()).toBeUndefined();
});

test('being bound again to the same household changes nothing else', async ({ store, hub }) => {
  await hub.send('bound', 'binding', ANNA);
  const shown = hub.show('7');
  await hub.paint();
  await hub.send('bound', 'binding', { ...ANNA, householdName: 'Anna and Ben' });
  expect(store.binding.household()?.householdName).toBe('Anna and Ben');
  expect(store.presentations.get(shown)?.state).toBe('confirmed');
});

// The word covered the code of an offer, and what the household showed never came back.
test('a hub that is told again what it knew leaves the glass as it is; one that did not know shows it', async ({
  store,
  site,
  hub,
}) => {
  await hub.send('bound', 'binding', { ...ANNA, again: true });
  expect(hub.screens).toEqual([{ kind: 'bound', householdName: 'Anna' }]);
  hub.show('7');
  await hub.paint();
  const expiresAt = new Date(site.clock.now() + LIFE_MS).toISOString();
  await hub.send('claim_code', 'claim', { ...CODE, expiresAt, transfer: { fromHouseholdId: ANNA.householdId } });
  await hub.send('bound', 'binding', { ...ANNA, householdName: 'Anna and Ben', again: true });
  expect(store.binding.household()?.householdName).toBe('Anna and Ben');
  await hub.send('claim_over', 'claim', {});
  expect(hub.panel.shown.map(({ byte }) => byte)).toEqual([99, 7, 99, 7]);
});

test('who has typed the code is shown with the word, until that claim is over', async ({ store, site, hub }) => {
  const expiresMs = site.clock.now() + LIFE_MS;
  const asked = { claimId: v7(), householdName: 'Boris', word: 'otter', expiresAt: new Date(expiresMs).toISOString() };
  await hub.send('claim_asked', 'claim', asked);
  expect(hub.screens).toEqual([{ kind: 'claim-asked', householdName: 'Boris', word: 'otter' }]);
  // When it is over without a word, the hub asks for a new code.
  expect(store.binding.claim()).toEqual({ requestId: asked.claimId, expiresMs });
  site.clock.advance(LIFE_MS);
  await hub.send('claim_asked', 'claim', asked);
  expect(hub.results().at(-1)).toMatchObject({ state: 'expired', code: 'command.deadline-passed' });
});

// The first text of a household was covered by the word that the hub is theirs.
test('what a household sends while the glass still says who asks is what the glass shows in the end', async ({
  site,
  hub,
}) => {
  const expiresAt = new Date(site.clock.now() + LIFE_MS).toISOString();
  hub.push('claim_asked', 'claim', { claimId: v7(), householdName: 'Anna', word: 'otter', expiresAt });
  await settle();
  hub.push('bound', 'binding', ANNA);
  hub.show('7');
  await hub.paint();
  await hub.paint();
  expect(hub.panel.shown.map(({ byte }) => byte)).toEqual([99, 7]);
  expect(hub.results()).toContainEqual(expect.objectContaining({ kind: 'bound', state: 'applied' }));
});

test('a bound hub shows who asks, and a code, for its own offer alone', async ({ site, hub }) => {
  await hub.send('bound', 'binding', ANNA);
  const expiresAt = new Date(site.clock.now() + LIFE_MS).toISOString();
  const asked = { claimId: v7(), householdName: 'Boris', word: 'otter', expiresAt };
  await hub.send('claim_asked', 'claim', asked);
  await hub.send('claim_code', 'claim', { ...CODE, expiresAt, transfer: { fromHouseholdId: BORIS.householdId } });
  expect(hub.results().slice(-2)).toMatchObject([{ code: 'command.superseded' }, { code: 'command.superseded' }]);
  expect(hub.screens).toHaveLength(1);
});

test('a hub that is handed on works for its household, shows its content when the offer ends, and goes when it is taken', async ({
  store,
  site,
  hub,
}) => {
  await hub.send('bound', 'binding', ANNA);
  const hers = hub.show('7');
  await hub.paint();
  const expiresAt = new Date(site.clock.now() + LIFE_MS).toISOString();
  const offered = { ...CODE, expiresAt, transfer: { fromHouseholdId: ANNA.householdId } };
  const asked = { claimId: v7(), householdName: 'Boris', word: 'otter', expiresAt, transfer: true };
  const bytes = () => hub.panel.shown.map(({ byte }) => byte);
  await hub.send('claim_code', 'claim', offered);
  await hub.send('claim_asked', 'claim', asked);
  expect(hub.screens.map(({ kind }) => kind)).toEqual(['bound', 'claim-code', 'claim-asked']);
  await hub.send('claim_over', 'claim', {});
  expect(bytes().slice(-3)).toEqual([99, 99, 7]);
  expect(store.displays.get(hub.displayId)).toMatchObject({ currentPresentationId: hers });
  await hub.send('claim_code', 'claim', offered);
  site.clock.advance(LIFE_MS);
  await hub.paint();
  expect(bytes().slice(-2)).toEqual([99, 7]);
  hub.show('8');
  await hub.paint();
  expect(bytes().at(-1)).toBe(8);
  await hub.send('bound', 'binding', BORIS);
  expect(store.binding.household()).toEqual(BORIS);
  expect(store.presentations.all()).toEqual([]);
  expect(hub.screens.at(-1)).toEqual({ kind: 'bound', householdName: 'Boris' });
});

// The code came onto the glass in the moment in which the offer was taken back, and stayed there for ten minutes.
test('an offer that is taken back while its code is being painted gives the glass back all the same', async ({
  site,
  hub,
}) => {
  await hub.send('bound', 'binding', ANNA);
  hub.show('7');
  await hub.paint();
  const expiresAt = new Date(site.clock.now() + LIFE_MS).toISOString();
  hub.push('claim_code', 'claim', { ...CODE, expiresAt, transfer: { fromHouseholdId: ANNA.householdId } });
  await settle();
  hub.push('claim_over', 'claim', {});
  await settle();
  await hub.paint();
  expect(hub.panel.shown.map(({ byte }) => byte)).toEqual([99, 7, 99, 7]);
});

test('a hub of nobody has no glass to give back', async ({ hub }) => {
  await hub.send('claim_over', 'claim', {});
  expect(hub.results().at(-1)).toMatchObject({ kind: 'claim_over', state: 'applied' });
  expect(hub.panel.shown).toEqual([]);
});

test('an account that takes up a binding made at the hub finds its content there; another one finds nothing', async ({
  store,
  site,
  hub,
}) => {
  const bindingId = v7();
  const made = { bindingId, householdName: 'At home', receiptSha256: 'a'.repeat(64), boundMs: 1 };
  store.binding.bindLocally(made);
  const shown = hub.show('7');
  await hub.paint();
  await hub.send('bound', 'binding', { ...ANNA, adopts: bindingId });
  expect(store.binding.household()).toEqual(ANNA);
  expect(store.binding.local()).toBeUndefined();
  expect(store.presentations.get(shown)?.state).toBe('confirmed');
  site.clock.advance(30_000);
  await hub.paint();
  expect(hub.panel.shown.map(({ byte }) => byte)).toEqual([7, 99, 7]);
  store.binding.bindLocally(made);
  await hub.send('bound', 'binding', BORIS);
  expect(store.presentations.get(shown)).toBeUndefined();
});

test('not a byte of what a household showed is left in any file, wherever it has been', async ({
  store,
  site,
  hub,
}) => {
  const SECRET = 'Gran has her birthday on Sunday';
  await hub.send('bound', 'binding', ANNA);
  const body = (text: string) => ({
    ...{ displayId: hub.displayId, presentationId: v7(), askedAt: '2026-01-01T00:00:00.000Z' },
    page: { title: SECRET, text, align: 'start', qr: null, pictures: [], fit: 'fit' },
  });
  await hub.send('text', `frame:${hub.displayId}`, body('7'));
  await hub.send('text', `frame:${hub.displayId}`, body('8'));
  await store.assets.put(Buffer.from(SECRET));
  await store.frames.put(Buffer.from(SECRET));
  expect(filesWith(site.dir, SECRET).length).toBeGreaterThan(2);
  await hub.send('unbound', 'binding', { reason: 'released' });
  await expect.poll(() => filesWith(site.dir, SECRET)).toEqual([]);
});

test('what a stop in the middle of it left behind is swept at the next start', async ({ store, site, hub }) => {
  const SECRET = 'Gran has her birthday on Sunday';
  await hub.send('bound', 'binding', ANNA);
  await store.frames.put(Buffer.from(SECRET));
  const page = { title: SECRET, text: '7', align: 'start', qr: null, pictures: [], fit: 'fit' };
  const asked = { displayId: hub.displayId, presentationId: v7(), askedAt: '2026-01-01T00:00:00.000Z', page };
  await hub.send('text', `frame:${hub.displayId}`, asked);
  // As far as the commit of the command's end, which is the last that a killed hub is sure to have done.
  store.database.write(() => {
    store.binding.bind(undefined);
    store.leaving.forget({ gen: 'g1', downSeq: 99 });
  });
  const started = await site.open();
  expect(started.binding.household()).toBeUndefined();
  expect(started.leaving.isSweepDue).toBe(true);
  await started.leaving.sweep();
  expect(started.leaving.isSweepDue).toBe(false);
  expect(filesWith(site.dir, SECRET)).toEqual([]);
});

function filesWith(dir: string, text: string): string[] {
  const names = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return names
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((file) => readFileSync(file).includes(text));
}
