import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { test as base, eventsOf, settle } from '../../test/support/hub-site.js';
import { bindAtHub } from '../../test/support/local-binding.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const WRONG = 'BBBB-BBBB';

const test = base.extend('hub', ({ store, site }, { onCleanup }) => {
  const hub = bindAtHub(store, site);
  hub.side.start('http://127.0.0.1:8080');
  onCleanup(hub.close);
  return hub;
});

test('a household types the code on the glass, sees who asks and the word, confirms, and has hub and receipt', async ({
  store,
  hub,
}) => {
  hub.claims.show();
  await hub.paint();
  const code = hub.code();
  expect(code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
  expect(hub.screens[0]).toMatchObject({ kind: 'claim-code', url: `http://192.168.1.20:8080/bind?code=${code}` });
  const asked = hub.claims.lookUp(code.toLowerCase().replace('-', ' '), 'The Larks');
  await hub.paint();
  expect(hub.screens[0]).toMatchObject({ word: asked.word });
  expect(hub.screens[1]).toEqual({ kind: 'claim-asked', householdName: 'The Larks', word: asked.word });
  const { receipt } = hub.claims.confirm(asked.claimId);
  await hub.paint();
  expect(hub.screens[2]).toEqual({ kind: 'bound', householdName: 'The Larks' });
  const local = store.binding.local();
  expect(store.binding.household()).toEqual({ householdId: local?.bindingId, householdName: 'The Larks' });
  const receiptSha256 = createHash('sha256').update(receipt).digest('hex');
  expect(eventsOf(store)).toEqual([
    {
      type: 'binding.local',
      body: { bindingId: local?.bindingId, householdName: 'The Larks', at: '2026-01-01T00:00:00.000Z', receiptSha256 },
    },
  ]);
});

test('the hub shows a code by itself once the cloud has been away for two minutes, and a new one when that is over', async ({
  site,
  hub,
}) => {
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += MINUTE_MS) {
      site.clock.advance(MINUTE_MS);
      await settle();
    }
    await hub.paint();
  };
  hub.cloud.connected = true;
  await pass(5 * MINUTE_MS);
  hub.cloud.connected = false;
  await pass(MINUTE_MS);
  expect(hub.screens).toEqual([]);
  await pass(MINUTE_MS);
  expect(hub.screens).toHaveLength(1);
  const first = hub.code();
  await pass(9 * MINUTE_MS);
  expect(hub.code()).toBe(first);
  await pass(MINUTE_MS);
  expect(hub.code()).not.toBe(first);
});

test('a glass on which somebody shows something is left alone', async ({ store, site, hub }) => {
  store.ledger.accept({
    ...{ presentationId: '01890000-0000-7000-8000-000000000001', displayId: hub.display.displayId, cmdId: null },
    ...{ origin: 'local', askedMs: 0 },
    page: { title: null, text: '7', align: 'start', qr: null, pictures: [], fit: 'fit' },
  });
  for (let passed = 0; passed < 5; passed += 1) {
    site.clock.advance(MINUTE_MS);
    await settle();
  }
  expect(hub.screens).toEqual([]);
});

test('a hub that is meant to work without a cloud shows a code when it is asked for one, and not by itself', async ({
  store,
  site,
}) => {
  const hub = bindAtHub(store, site, { cloudUrl: undefined });
  hub.side.start('http://127.0.0.1:8080');
  for (let passed = 0; passed < 5; passed += 1) {
    site.clock.advance(MINUTE_MS);
    await settle();
  }
  expect(hub.screens).toEqual([]);
  hub.claims.show();
  await hub.paint();
  expect(hub.screens).toHaveLength(1);
  await hub.close();
});

test('while the cloud is there, and on a hub that is somebody’s, no code is made and none is taken', async ({
  store,
  hub,
}) => {
  hub.claims.show();
  const asked = hub.claims.lookUp(hub.code(), 'The Larks');
  store.binding.bind({ householdId: '01890000-0000-7000-8000-00000000000a', householdName: 'Anna' });
  expect(() => hub.claims.confirm(asked.claimId)).toThrow(expect.objectContaining({ code: 'claim.not-found' }));
  expect(() => hub.claims.show()).toThrow(expect.objectContaining({ code: 'claim.not-wanted' }));
  expect(() => hub.claims.lookUp(WRONG, 'x')).toThrow(expect.objectContaining({ code: 'claim.not-wanted' }));
  await expect(hub.claims.leave(WRONG)).rejects.toMatchObject({ code: 'claim.not-wanted' });
  store.binding.bind(undefined);
  hub.cloud.connected = true;
  expect(() => hub.claims.show()).toThrow(expect.objectContaining({ code: 'claim.not-wanted' }));
});

test('a code lives ten minutes, a new one kills it, and so does a code of the cloud', async ({ store, site, hub }) => {
  const refused = (code: string) => {
    site.clock.advance(6_000);
    expect(() => hub.claims.lookUp(code, 'x')).toThrow(expect.objectContaining({ code: 'claim.not-found' }));
  };
  hub.claims.show();
  const first = hub.code();
  hub.claims.show();
  refused(first);
  const second = hub.code();
  site.clock.advance(10 * MINUTE_MS);
  refused(second);
  hub.claims.show();
  const ofTheCloud = { requestId: '01890000-0000-7000-8000-000000000002', expiresMs: 1 };
  store.binding.setClaim(ofTheCloud);
  expect(hub.claims.isLive).toBe(true);
  hub.cloud.connected = true;
  store.binding.setClaim(ofTheCloud);
  refused(hub.code());
});

test('whoever asks for codes without end gets thirty in an hour', async ({ site, hub }) => {
  for (let shown = 0; shown < 30; shown += 1) hub.claims.show();
  expect(() => hub.claims.show()).toThrow(expect.objectContaining({ code: 'claim.too-many' }));
  site.clock.advance(60 * MINUTE_MS);
  hub.claims.show();
});

test('who sees another word says no, and the glass shows a new code', async ({ hub }) => {
  hub.claims.show();
  const code = hub.code();
  const asked = hub.claims.lookUp(code, 'The Larks');
  hub.claims.decline(asked.claimId);
  expect(hub.code()).not.toBe(code);
  expect(() => hub.claims.confirm(asked.claimId)).toThrow(expect.objectContaining({ code: 'claim.not-found' }));
  expect(() => hub.claims.decline(asked.claimId)).toThrow(expect.objectContaining({ code: 'claim.not-found' }));
});

test('five wrong codes end the tries for ten minutes, twenty for the day, also after the hub was switched off', async ({
  site,
  store,
  hub,
}) => {
  const outcome = (tries = hub.claims): unknown => {
    try {
      return tries.lookUp(WRONG, 'x');
    } catch (error) {
      return error instanceof Error && 'code' in error ? error.code : error;
    }
  };
  const five = () =>
    Array.from({ length: 5 }, () => {
      site.clock.advance(60_000);
      return outcome();
    });
  hub.claims.show();
  expect(new Set(five())).toEqual(new Set(['claim.not-found']));
  site.clock.advance(60_000);
  expect(outcome()).toBe('claim.too-many');
  const switchedOn = bindAtHub(store, site);
  expect(outcome(switchedOn.claims)).toBe('claim.too-many');
  await switchedOn.close();
  for (let round = 0; round < 3; round += 1) {
    site.clock.advance(10 * MINUTE_MS);
    expect(new Set(five())).toEqual(new Set(['claim.not-found']));
  }
  site.clock.advance(10 * MINUTE_MS);
  expect(outcome()).toBe('claim.too-many');
  site.clock.advance(DAY_MS);
  expect(outcome()).toBe('claim.not-found');
});

// Without a clock chip each start began in the past, where nothing had been tried yet.
test('a hub that wakes up in the past, for it has no clock chip, gives nobody more tries', async ({
  site,
  store,
  hub,
}) => {
  hub.claims.show();
  for (let tries = 0; tries < 5; tries += 1) {
    site.clock.advance(MINUTE_MS);
    expect(() => hub.claims.lookUp(WRONG, 'x')).toThrow(expect.objectContaining({ code: 'claim.not-found' }));
  }
  for (let starts = 0; starts < 3; starts += 1) {
    site.clock.jumpWall(-10 * MINUTE_MS);
    const switchedOn = bindAtHub(store, site);
    const attempt = () => switchedOn.claims.lookUp(WRONG, 'x');
    site.clock.advance(MINUTE_MS);
    expect(attempt).toThrow(expect.objectContaining({ code: 'claim.too-many' }));
    await switchedOn.close();
  }
  site.clock.advance(10 * MINUTE_MS);
  expect(() => hub.claims.lookUp(WRONG, 'x')).toThrow(expect.objectContaining({ code: 'claim.not-found' }));
});

test('who tries again too soon waits longer each time, and a clock that was set back locks nobody out', async ({
  site,
  hub,
}) => {
  hub.claims.show();
  const [code] = [hub.code()];
  const attempt = (typed: string) => () => hub.claims.lookUp(typed, 'The Larks');
  expect(attempt(WRONG)).toThrow(expect.objectContaining({ code: 'claim.not-found' }));
  site.clock.advance(4_000);
  for (const retryAfterS of [10, 15]) {
    expect(attempt(code)).toThrow(expect.objectContaining({ code: 'claim.too-fast', details: { retryAfterS } }));
  }
  site.clock.advance(14_000);
  expect(attempt(code)).toThrow(expect.objectContaining({ code: 'claim.too-fast' }));
  site.clock.jumpWall(-DAY_MS);
  expect(attempt(code)()).toMatchObject({ householdName: 'The Larks' });
});

test('who stands before the glass lets a hub go that was bound here: nothing of it stays, and the cloud is told', async ({
  store,
  site,
  hub,
}) => {
  hub.claims.show();
  hub.claims.confirm(hub.claims.lookUp(hub.code(), 'The Larks').claimId);
  await hub.paint();
  hub.ask('01890000-0000-7000-8000-000000000003', '7');
  await hub.paint();
  const local = store.binding.local();
  hub.claims.show();
  await hub.paint();
  await expect(hub.claims.leave(WRONG)).rejects.toMatchObject({ code: 'claim.not-found' });
  site.clock.advance(6_000);
  const left = hub.claims.leave(hub.code());
  await hub.paint();
  await left;
  expect(store.binding.household()).toBeUndefined();
  expect(store.presentations.all()).toEqual([]);
  expect(store.displays.get(hub.display.displayId)).toMatchObject({ currentPresentationId: null });
  const told = eventsOf(store).filter(({ type }) => type === 'binding.local');
  expect(told.at(-1)).toMatchObject({
    body: { bindingId: local?.bindingId, endedAt: '2026-01-01T00:00:06.000Z' },
  });
});

test('a code to leave by gives the glass back when it is over', async ({ site, hub }) => {
  hub.claims.show();
  hub.claims.confirm(hub.claims.lookUp(hub.code(), 'The Larks').claimId);
  await hub.paint();
  hub.ask('01890000-0000-7000-8000-000000000004', '7');
  await hub.paint();
  hub.claims.show();
  await hub.paint();
  site.clock.advance(10 * MINUTE_MS);
  await hub.paint();
  expect(hub.panel.shown.map(({ byte }) => byte).slice(-3)).toEqual([7, 99, 7]);
});
