import { v7 } from 'uuid';
import { expect } from 'vitest';
import { test } from '../../test/support/commanded-hub.js';
import { settle } from '../../test/support/hub-site.js';

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
