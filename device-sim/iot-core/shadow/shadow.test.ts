import { mkdirSync, rmdirSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { IotCore } from '../iot-core.js';
import type { JsonObject } from '../json.js';
import type { RawClient } from '../raw-client.js';
import { type Site, test } from '../test-site.js';
import { deltaOf, mergeSection } from './shadow-document.js';

const CLASSIC = '$aws/things/inklet-a/shadow';
const CONFIG = `${CLASSIC}/name/config`;
const NOW_S = Date.UTC(2026, 0, 1) / 1000;

async function hub(site: Site, core: IotCore): Promise<RawClient> {
  const client = await site.join(core, await site.device(core, 'inklet-a'), 'inklet-a');
  for (const topic of [CLASSIC, CONFIG]) {
    const answers = ['get', 'update', 'delete'].map((verb) => [
      `${topic}/${verb}/accepted`,
      `${topic}/${verb}/rejected`,
    ]);
    await client.subscribe(...answers.flat());
  }
  return client;
}

/** Asks and returns the end of the answer's topic with its body. */
async function ask(client: RawClient, topic: string, body: unknown): Promise<[string, unknown]> {
  const payload = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  expect(await client.publish(topic, payload)).toMatchObject({ cmd: 'puback', reasonCode: 0 });
  return await heard(client, topic);
}

async function heard(client: RawClient, topic: string): Promise<[string, unknown]> {
  const packet = await client.next();
  if (packet.cmd !== 'publish') return [packet.cmd, undefined];
  return [packet.topic.replace(topic, ''), JSON.parse(packet.payload.toString())];
}

test.for([CLASSIC, CONFIG])('%s is made, read, changed and deleted', async (topic, { site, core }) => {
  const client = await hub(site, core);
  const reported = { locale: 'de', night: { from: 22, to: 6 }, list: [1, { a: 2 }] };
  const at = { timestamp: NOW_S };
  expect(await ask(client, `${topic}/update`, { state: { reported }, clientToken: 't1' })).toEqual([
    '/accepted',
    {
      state: { reported },
      metadata: { reported: { locale: at, night: { from: at, to: at }, list: [at, { a: at }] } },
      version: 1,
      timestamp: NOW_S,
      clientToken: 't1',
    },
  ]);
  site.clock.jump(2_000);
  const later = { timestamp: NOW_S + 2 };
  await ask(client, `${topic}/update`, { state: { reported: { night: { from: 23, to: null } } }, version: 1 });
  expect(await ask(client, `${topic}/get`, '')).toEqual([
    '/accepted',
    {
      state: { reported: { locale: 'de', night: { from: 23 }, list: [1, { a: 2 }] } },
      metadata: { reported: { locale: at, night: { from: later }, list: [at, { a: at }] } },
      version: 2,
      timestamp: NOW_S + 2,
    },
  ]);
  await ask(client, `${topic}/update`, { state: { reported: null, desired: {} } });
  expect(await ask(client, `${topic}/get`, '{}')).toMatchObject(['/accepted', { state: { desired: {} }, version: 3 }]);
  expect(await ask(client, `${topic}/delete`, { clientToken: 't2' })).toEqual([
    '/accepted',
    { version: 3, timestamp: NOW_S + 2, clientToken: 't2' },
  ]);
  const name = topic === CONFIG ? 'config' : 'inklet-a';
  expect(await ask(client, `${topic}/get`, { clientToken: 't3' })).toEqual([
    '/rejected',
    { code: 404, message: `No shadow exists with name: ${name}`, timestamp: NOW_S + 2, clientToken: 't3' },
  ]);
});

test('the delta is told after every accepted update while there is one, with documents before and after', async ({
  site,
  core,
}) => {
  const client = await hub(site, core);
  await client.subscribe(`${CONFIG}/update/delta`, `${CONFIG}/update/documents`);
  core.admin.setDesired({ thingName: 'inklet-a', name: 'config' }, { rotation: 90, window: { from: 6, to: 22 } });
  const delta = { rotation: 90, window: { from: 6, to: 22 } };
  expect(await heard(client, CONFIG)).toMatchObject(['/update/accepted', { state: { desired: delta } }]);
  expect(await heard(client, CONFIG)).toMatchObject(['/update/delta', { state: delta, version: 1 }]);
  expect(await heard(client, CONFIG)).toMatchObject([
    '/update/documents',
    { previous: { version: 0 }, current: { state: { desired: delta }, version: 1 } },
  ]);
  const update = { state: { reported: { window: { from: 6 }, battery: 80 } }, clientToken: 't' };
  expect((await ask(client, `${CONFIG}/update`, update))[0]).toBe('/accepted');
  const left = { rotation: 90, window: { to: 22 } };
  const at = { timestamp: NOW_S };
  expect(await heard(client, CONFIG)).toEqual([
    '/update/delta',
    { state: left, metadata: { rotation: at, window: { to: at } }, version: 2, timestamp: NOW_S, clientToken: 't' },
  ]);
  expect(await heard(client, CONFIG)).toMatchObject([
    '/update/documents',
    { previous: { version: 1 }, clientToken: 't' },
  ]);
  await ask(client, `${CONFIG}/update`, { state: { reported: delta } });
  expect(await heard(client, CONFIG)).toMatchObject(['/update/documents', { current: { version: 3 } }]);
  expect(await client.rest()).toEqual([]);
  expect(core.admin.shadow({ thingName: 'inklet-a', name: 'config' })).toMatchObject({ version: 3 });
  expect(core.admin.shadow({ thingName: 'inklet-a' })).toBeUndefined();
});

test('an answer reaches whoever has subscribed to it, and the one who asked once', async ({ site, core }) => {
  const client = await hub(site, core);
  const watcher = await site.join(core, await site.anybody(core), 'watcher');
  await watcher.subscribe(`${CLASSIC}/update/accepted`);
  await ask(client, `${CLASSIC}/update`, { state: { reported: { a: 1 } } });
  expect(await client.rest()).toEqual([]);
  expect(await heard(watcher, CLASSIC)).toMatchObject(['/update/accepted', { state: { reported: { a: 1 } } }]);
});

// A hub that forgot to subscribe worked here, and would have waited for ever at AWS.
test('a shadow answers nobody who has not subscribed', async ({ site, core }) => {
  const client = await site.join(core, await site.device(core, 'inklet-a'), 'inklet-a');
  await client.publish(`${CLASSIC}/update`, JSON.stringify({ state: { reported: { a: 1 } } }));
  await client.publish(`${CLASSIC}/get`, '{');
  expect(await client.rest()).toEqual([]);
  expect(core.admin.shadow({ thingName: 'inklet-a' })).toMatchObject({ version: 1 });
});

const deep = (levels: number): JsonObject => (levels === 1 ? { a: 1 } : { a: deep(levels - 1) });

test.for([
  ['{', 400, 'Invalid JSON'],
  ['[]', 400, 'Invalid JSON'],
  ['', 400, 'Invalid JSON'],
  [{}, 400, 'Missing required node: state'],
  [{ state: [] }, 400, 'State node must be an object'],
  [{ state: null }, 400, 'State node must be an object'],
  [{ state: { desired: 1 } }, 400, 'Desired node must be an object'],
  [{ state: { reported: [] } }, 400, 'Reported node must be an object'],
  [{ state: {}, version: 'x' }, 400, 'Invalid version'],
  [{ state: {}, version: 1.5 }, 400, 'Invalid version'],
  [{ state: {}, clientToken: 7 }, 400, 'Invalid clientToken'],
  [{ state: {}, clientToken: 'x'.repeat(65) }, 400, 'Invalid clientToken'],
  [{ state: { desired: deep(7) } }, 400, 'JSON contains too many levels of nesting; maximum is 6'],
  [{ state: { desired: deep(500) } }, 400, 'JSON contains too many levels of nesting; maximum is 6'],
  [{ state: { desired: { a: [1, null] } } }, 400, 'State contains an invalid node'],
  [{ state: { wanted: {} } }, 400, 'State contains an invalid node'],
  [{ state: { desired: {} }, version: 7 }, 409, 'Version conflict'],
  [{ state: { desired: { a: 'x'.repeat(8_192) } } }, 413, 'The payload exceeds the maximum size allowed'],
  [Buffer.from([0x7b, 0xff, 0x7d]), 415, 'Unsupported documented encoding; supported encoding is UTF-8'],
] as const)('the update %j is rejected with %i', async ([body, code, message], { site, core }) => {
  const client = await hub(site, core);
  expect(await ask(client, `${CLASSIC}/update`, body)).toEqual(['/rejected', { code, message, timestamp: NOW_S }]);
  expect(core.admin.shadow({ thingName: 'inklet-a' })).toBeUndefined();
});

test('six levels and 8 KB fit, and what grows beyond them bit by bit does not', async ({ site, core }) => {
  const client = await hub(site, core);
  const half = 'x'.repeat(4_000);
  expect(await ask(client, `${CLASSIC}/update`, { state: { desired: deep(6) } })).toMatchObject(['/accepted', {}]);
  expect(await ask(client, `${CLASSIC}/update`, { state: { desired: { b: half } } })).toMatchObject(['/accepted', {}]);
  expect(await ask(client, `${CLASSIC}/update`, { state: { reported: { c: half } }, clientToken: 't' })).toMatchObject([
    '/accepted',
    {},
  ]);
  expect(await ask(client, `${CLASSIC}/update`, { state: { desired: { d: half } }, clientToken: 't' })).toMatchObject([
    '/rejected',
    { code: 413, clientToken: 't' },
  ]);
});

test('a thing that nobody registered has no shadow', async ({ site, core }) => {
  const client = await site.join(core, await site.anybody(core), 'c');
  await client.subscribe(`${CLASSIC}/+/rejected`);
  for (const verb of ['get', 'update', 'delete']) {
    expect(await ask(client, `${CLASSIC}/${verb}`, { state: {} })).toMatchObject([
      '/rejected',
      { code: 404, message: 'Thing not found' },
    ]);
  }
  expect(() => core.admin.setDesired({ thingName: 'inklet-a' }, {})).toThrow(
    expect.objectContaining({ code: 'iot.shadow-refused' }),
  );
});

test('a shadow that was deleted goes on counting for 48 hours, and begins anew after that', async ({ site, core }) => {
  await site.device(core, 'inklet-a');
  const id = { thingName: 'inklet-a' };
  const client = await site.join(core, await site.anybody(core), 'c');
  await client.subscribe(`${CLASSIC}/delete/accepted`);
  for (const [waitMs, version] of [
    [48 * 3_600_000 - 1, 2],
    [48 * 3_600_000, 1],
  ] as const) {
    core.admin.setDesired(id, { a: 1 });
    await ask(client, `${CLASSIC}/delete`, '');
    site.clock.jump(waitMs);
    expect(core.admin.setDesired(id, { b: 1 })).toMatchObject({ version });
    expect(core.admin.shadow(id)?.state).toMatchObject({ desired: { b: 1 } });
    await ask(client, `${CLASSIC}/delete`, '');
    site.clock.jump(100 * 3_600_000);
  }
});

test('more than ten requests in one breath are too many', async ({ site, core }) => {
  const client = await hub(site, core);
  const get = (messageId: number) =>
    ({ cmd: 'publish', topic: `${CLASSIC}/get`, payload: '', qos: 0, messageId, dup: false, retain: false }) as const;
  client.socket.cork();
  for (let n = 1; n <= 12; n += 1) client.send(get(n));
  client.socket.uncork();
  const codes = [];
  for (let n = 1; n <= 12; n += 1) codes.push((await heard(client, CLASSIC))[1]);
  const tooMany = { code: 429, message: 'too many in flight' };
  expect(codes.filter((body) => expect.objectContaining(tooMany).asymmetricMatch(body))).toHaveLength(2);
  core.admin.faults.arm({ kind: 'throttled', operation: 'Shadow' });
  expect(await ask(client, `${CLASSIC}/get`, '')).toMatchObject(['/rejected', tooMany]);
  expect(await ask(client, `${CLASSIC}/get`, '')).toMatchObject(['/rejected', { code: 404 }]);
});

test('shadows outlive a restart, and what cannot be written has not happened', async ({ site }) => {
  const first = await site.start();
  const client = await hub(site, first);
  await ask(client, `${CONFIG}/update`, { state: { reported: { a: 1 } } });
  mkdirSync(path.join(site.dir, 'shadows.json.draft'));
  expect(await ask(client, `${CONFIG}/update`, { state: { reported: { a: 2 } } })).toMatchObject([
    '/rejected',
    { code: 500, message: 'Internal service failure' },
  ]);
  rmdirSync(path.join(site.dir, 'shadows.json.draft'));
  await first.stop();
  const second = await site.start();
  expect(second.admin.shadow({ thingName: 'inklet-a', name: 'config' })).toMatchObject({
    state: { reported: { a: 1 } },
    version: 1,
  });
});

test('a device may not touch the shadow of another', async ({ site, core }) => {
  await site.device(core, 'inklet-b');
  const client = await hub(site, core);
  expect(await client.publish('$aws/things/inklet-b/shadow/get', '')).toMatchObject({ reasonCode: 0x87 });
});

const JsonArbitrary = fc.object({
  maxDepth: 3,
  values: [fc.integer(), fc.string(), fc.boolean()],
  withNullPrototype: false,
});
const toJson = (value: unknown): JsonObject => JSON.parse(JSON.stringify(value));

test('what was reported as desired leaves no delta, whatever it is', () => {
  fc.assert(
    fc.property(JsonArbitrary, JsonArbitrary, (first, second) => {
      const desired = mergeSection(mergeSection(undefined, toJson(first), 1), toJson(second), 2);
      expect(deltaOf(desired, desired.state)).toBeUndefined();
      const reported = mergeSection(mergeSection(undefined, toJson(second), 3), desired.state, 4);
      expect(deltaOf(desired, reported.state)).toBeUndefined();
    }),
    { numRuns: 300 },
  );
});
