import { v7 } from 'uuid';
import { expect } from 'vitest';
import { test } from '../../test/support/commanded-hub.js';

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
  await hub.send('rotate', 'system', { reason: 'age' });
  expect(hub.results().at(-1)).toMatchObject({ kind: 'rotate', state: 'failed', code: 'command.unsupported-kind' });
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
