import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { systemClock } from '../../hardware/index.js';
import { MQTT_CLIENTS } from '../support/hub-links.js';
import { test } from '../support/hub-world.js';

const WAIT = { timeout: 30_000, interval: 50 };
const LIMIT_MS = 90_000;
/** It takes a fifth of a second; a hub that waits for the collector of the AWS SDK's handles takes ten and more. */
const LEAVES_WITHIN_MS = 2000;

test.for(MQTT_CLIENTS)(
  'a hub that is connected by %s leaves promptly and cleanly at a signal',
  { timeout: LIMIT_MS },
  async (mqttClient, { world, runHub }) => {
    world.reader.place(await world.signedTag());
    const { child, ready } = await runHub({ ...world.env, INKLET_MQTT_CLIENT: mqttClient });
    const hub = await ready();
    await expect.poll(async () => (await hub.status()).link.connected, WAIT).toBe(true);
    const shown = await hub.show('Good night');
    const startMs = systemClock.monotonic();
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(systemClock.monotonic() - startMs).toBeLessThan(LEAVES_WITHIN_MS);
    expect(world.panel.glass.frame().sha256).toBe(shown);
    expect(world.iotCore.admin.clients()).toEqual([]);
  },
);

test('a hub on its own leaves at the other signal too, and knows its glass again', { timeout: LIMIT_MS }, async ({
  runHub,
}) => {
  const first = await runHub();
  const shown = await (await first.ready()).show('Good night');
  first.child.kill('SIGINT');
  expect(await once(first.child, 'exit')).toEqual([0, null]);
  const again = await (await runHub()).ready();
  const displays: unknown = await (await fetch(`${again.url}/api/displays`)).json();
  expect(displays).toMatchObject({ displays: [{ frameSha256: shown }] });
  expect((await fetch(`${again.url}/api/displays/${await again.displayId()}/glass.png`)).status).toBe(200);
});

test('hardware that goes away is opened again, and what was asked meanwhile is shown', { timeout: LIMIT_MS }, async ({
  world,
  runHub,
}) => {
  const { ready, log } = await runHub();
  const hub = await ready();
  await hub.show('Before');
  await world.stopHardware();
  const showing = hub.show('After');
  await expect.poll(log, WAIT).toContain('hardware lost');
  await world.startHardware();
  const shown = await showing;
  expect(world.panel.glass.frame().sha256).toBe(shown);
  expect(log()).toContain('hardware back');
});

test('a damaged database is set aside, and the hub says so and goes on', { timeout: LIMIT_MS }, async ({
  world,
  runHub,
}) => {
  const dir = path.join(world.dir, 'hub');
  writeFileSync(path.join(dir, 'hub.sqlite'), 'this was a database once. '.repeat(400));
  const { ready, log } = await runHub();
  const hub = await ready();
  expect((await hub.status()).storage.damagedAt).toMatch(/^\d{4}-/);
  expect(log()).toContain('the database is damaged: it is set aside');
  expect(readdirSync(dir)).toContainEqual(expect.stringMatching(/^hub\.sqlite\.damaged-\d+$/));
  await hub.show('Still here');
});

test('a hub without its hardware says which and leaves', { timeout: LIMIT_MS }, async ({ world, runHub }) => {
  await world.stopHardware();
  const { child, log } = await runHub();
  expect(await once(child, 'exit')).toEqual([1, null]);
  expect(log()).toMatch(/^socket\.unreachable: no hardware is served at /);
});
