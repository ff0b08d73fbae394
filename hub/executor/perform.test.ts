import { v7 } from 'uuid';
import { expect } from 'vitest';
import { onPanel } from '../../test/support/hub-panel.js';
import { aText, test as base, eventsOf, PAGE, SILENT, settle } from '../../test/support/hub-site.js';
import type { Moment } from '../boot.js';
import { Executor } from './executor.js';
import { Intake } from './intake.js';
import { commandEffects, type PerformDeps } from './perform.js';

const ANNA = { householdId: '01890000-0000-7000-8000-00000000000a', householdName: 'Anna' };
const BORIS = { householdId: '01890000-0000-7000-8000-00000000000b', householdName: 'Boris' };
const CODE = { requestId: v7(), code: 'BCDF-GHJK', url: 'https://inklet.app/bind#code=BCDF-GHJK', word: 'otter' };

/** A hub from its inbox to its panel, which paints at once. */
const test = base.extend('hub', ({ store, site }, { onCleanup }) => {
  const { database, boot, inbox, ledger, displays, presentations, binding, leaving, meta } = store;
  database.write(() => inbox.enterGen('g1'));
  const { display, panel, screens, ask } = onPanel(store, site);
  const { displayId } = display;
  const did: string[] = [];
  let quality: Moment['wq'] = 2;
  const rotation: { rotate: PerformDeps['rotate'] } = { rotate: () => new Promise(() => undefined) };
  const perform = commandEffects({
    display: (id) => (id === displayId ? display : undefined),
    mainDisplay: () => display,
    displays,
    presentations,
    binding,
    leaving,
    meta,
    hubName: () => 'inklet-aaaaaaaaaaaaaaaa',
    reboot: async () => void did.push('reboot'),
    configChanged: () => void did.push('config'),
    rotate: (order) => rotation.rotate(order),
    now: () => ({ ...boot.now(), wq: quality }),
  });
  const executor = new Executor({ inbox, ledger, perform, clock: site.clock, log: SILENT });
  const intake = new Intake({ database, inbox, ledger, hasDisplay: (id) => id === displayId, log: SILENT });
  executor.start();
  display.start();
  let downSeq = 0;
  const push = (kind: string, slot: string, body: object, more: object = {}) => {
    downSeq += 1;
    const command = { ...aText({ downSeq, displayId }), kind, slot, body, ...more };
    intake.take(command);
    return command.cmdId;
  };
  const paint = async () => {
    for (let turn = 0; turn < 6; turn += 1) {
      await settle();
      await panel.end();
    }
  };
  const send = async (...command: Parameters<typeof push>) => {
    push(...command);
    await paint();
  };
  const show = (text: string) => {
    const body = { displayId, presentationId: v7(), askedAt: '2026-01-01T00:00:00.000Z', page: { ...PAGE, text } };
    push('text', `frame:${displayId}`, body);
    return body.presentationId;
  };
  const results = () => eventsOf(store).flatMap(({ type, body }) => (type === 'cmd.result' ? [body] : []));
  const distrustClock = () => {
    quality = 1;
  };
  onCleanup(async () => {
    const stopped = display.stop();
    await paint();
    await stopped;
    await executor.stop();
  });
  return { displayId, panel, screens, ask, did, push, paint, send, show, results, distrustClock, rotation };
});

test('identify names the display and the hub, and gives the glass back', async ({ store, site, hub }) => {
  const shown = hub.show('7');
  await hub.paint();
  await hub.send('identify', `identify:${hub.displayId}`, { displayId: hub.displayId, showForS: 30 });
  expect(hub.screens).toEqual([
    { kind: 'identify', displayName: 'Kitchen', hubName: 'inklet-aaaaaaaaaaaaaaaa', panel: '7in5_V2' },
  ]);
  expect(hub.results().at(-1)).toMatchObject({ kind: 'identify', state: 'applied' });
  site.clock.advance(30_000);
  await hub.paint();
  expect(hub.panel.shown.map(({ byte }) => byte)).toEqual([7, 99, 7]);
  expect(store.displays.get(hub.displayId)).toMatchObject({ currentPresentationId: shown, restoreAtMs: null });
});

test('refresh drives the whole glass again, and says so where nothing was ever shown', async ({ hub }) => {
  const refresh = () => hub.send('refresh', `refresh:${hub.displayId}`, { displayId: hub.displayId });
  await refresh();
  expect(hub.results()).toMatchObject([{ kind: 'refresh', state: 'failed', code: 'display.empty' }]);
  hub.show('7');
  await hub.paint();
  await refresh();
  expect(hub.panel.shown).toEqual([
    { byte: 7, mode: 'full' },
    { byte: 7, mode: 'full' },
  ]);
  expect(hub.results().at(-1)).toMatchObject({ kind: 'refresh', state: 'applied' });
});

test('config names displays and sets intervals in one commit, or changes nothing', async ({ store, hub }) => {
  const names = { [hub.displayId]: 'Hall' };
  await hub.send('config', 'config', { heartbeatIntervalS: 30, displayNames: { ...names, [v7()]: 'Nowhere' } });
  expect(hub.results().at(-1)).toMatchObject({ kind: 'config', state: 'failed', code: 'display.unknown' });
  expect(store.displays.get(hub.displayId)?.name).toBe('Kitchen');
  await hub.send('config', 'config', { heartbeatIntervalS: 30, syncIntervalS: 5, displayNames: names });
  expect(store.displays.get(hub.displayId)?.name).toBe('Hall');
  expect([store.meta.number('heartbeat_interval_s'), store.meta.number('sync_interval_s')]).toEqual([30, 5]);
  expect([hub.did, hub.results().at(-1)]).toMatchObject([['config'], { kind: 'config', state: 'applied' }]);
});

test('reboot is told as applied before the hub leaves; what it cannot do yet fails by its code', async ({ hub }) => {
  await hub.send('reboot', 'system', {});
  expect([hub.did, hub.results()]).toMatchObject([['reboot'], [{ kind: 'reboot', state: 'applied' }]]);
  const update = { url: 'https://inklet.app/hub', version: '2', sha256: '0'.repeat(64), sizeBytes: 1 };
  await hub.send('update', 'system', update);
  expect(hub.results().at(-1)).toMatchObject({ kind: 'update', state: 'failed', code: 'command.unsupported-kind' });
});

test('rotate ends as the rotation does, and its order is known again by the command', async ({ hub }) => {
  const orders: unknown[] = [];
  const end = { reason: 'operator', atMs: 0, isTold: false } as const;
  hub.rotation.rotate = async (order) => {
    orders.push(order);
    const ids = { certificateId: 'a'.repeat(64), replacedCertificateId: 'b'.repeat(64) };
    return { ok: true, rotated: { ...end, ...ids } };
  };
  const cmdId = hub.push('rotate', 'rotate', { reason: 'operator' });
  await hub.paint();
  expect(orders).toEqual([{ reason: 'operator', orderId: `command:${cmdId}` }]);
  expect(hub.results().at(-1)).toMatchObject({ cmdId, kind: 'rotate', state: 'applied' });
  hub.rotation.rotate = async () => {
    const failure = { ...end, step: 'register', code: 'claim.refused', message: 'blocked' } as const;
    return { ok: false, failure };
  };
  await hub.send('rotate', 'rotate', { reason: 'operator' });
  const failed = { kind: 'rotate', state: 'failed', code: 'claim.refused', message: 'register: blocked' };
  expect(hub.results().at(-1)).toMatchObject(failed);
});

test('a newer rotate gets the outcome of the rotation that is under way', async ({ hub }) => {
  const first = hub.push('rotate', 'rotate', { reason: 'operator' });
  await settle();
  await hub.send('rotate', 'rotate', { reason: 'operator' });
  expect(hub.results()).toMatchObject([{ cmdId: first, state: 'superseded' }]);
});

test('commands for a display of another hub fail by its code and leave the glass alone', async ({ hub }) => {
  for (const [kind, body] of [
    ['identify', { displayId: v7(), showForS: 30 }],
    ['refresh', { displayId: v7() }],
  ] as const) {
    await hub.send(kind, `${kind}:elsewhere`, body);
    expect(hub.results().at(-1)).toMatchObject({ kind, state: 'failed', code: 'display.unknown' });
  }
  expect(hub.panel.shown).toEqual([]);
});

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
  expect(hub.results().at(-1)).toMatchObject({ state: 'failed', code: 'command.deadline-passed' });
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
  await hub.send('bound', 'claim', ANNA);
  expect(store.binding.household()).toEqual(ANNA);
  const expiresAt = new Date(site.clock.now() + 600_000).toISOString();
  await hub.send('claim_code', 'claim', { ...CODE, expiresAt });
  expect(hub.screens).toEqual([{ kind: 'bound', householdName: 'Anna' }]);
  expect(hub.results().at(-1)).toMatchObject({ kind: 'claim_code', code: 'command.superseded' });
});

test('a hub is bound at once, whatever its glass is doing', async ({ store, hub }) => {
  hub.show('7');
  await settle();
  hub.push('bound', 'claim', ANNA);
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
  await hub.send('bound', 'claim', ANNA);
  await hub.send('config', 'config', { displayNames: { [hub.displayId]: "Anna's bed" } });
  const [shown, local] = [hub.show('7'), v7()];
  await hub.paint();
  hub.ask(local, '8');
  await settle();
  const waiting = hub.show('9');
  await hub.send('unbound', 'claim', { reason: 'released' });
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
  await hub.send('bound', 'claim', ANNA);
  const hers = hub.show('7');
  await hub.paint();
  hub.push('unbound', 'claim', { reason: 'released' });
  hub.push('bound', 'claim', BORIS);
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

test('being bound again to the same household changes nothing else', async ({ store, hub }) => {
  await hub.send('bound', 'claim', ANNA);
  const shown = hub.show('7');
  await hub.paint();
  await hub.send('bound', 'claim', { ...ANNA, householdName: 'Anna and Ben' });
  expect(store.binding.household()?.householdName).toBe('Anna and Ben');
  expect(store.presentations.get(shown)?.state).toBe('confirmed');
});
