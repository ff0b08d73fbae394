import { expect } from 'vitest';
import { test } from './test-site.js';

const WILL = { topic: 'will', payload: Buffer.from('gone'), qos: 1, retain: true } as const;

test('keep-alive is clamped to 30..1200 seconds and told', async ({ site, core }) => {
  const anybody = await site.anybody(core);
  for (const [asked, told] of [
    [5, 30],
    [60, 60],
    [0, 1200],
    [5000, 1200],
  ] as const) {
    const client = await site.dial(core, anybody);
    const connack = await client.connect(`c${asked}`, { keepalive: asked });
    expect(connack.properties?.serverKeepAlive).toBe(told);
    expect(core.admin.clients().find(({ clientId }) => clientId === `c${asked}`)?.keepAliveS).toBe(told);
  }
});

test('a silent client is dropped after one and a half keep-alive intervals and its will is published', async ({
  site,
  core,
}) => {
  const anybody = await site.anybody(core);
  const hearer = await site.join(core, anybody, 'hearer', { keepalive: 1200 });
  await hearer.subscribe('will');
  const silent = await site.join(core, anybody, 'silent', { keepalive: 30, will: WILL });
  await site.clock.advance(40_000);
  await silent.rest();
  await site.clock.advance(44_999);
  expect(core.admin.clients()).toHaveLength(2);
  await site.clock.advance(1);
  expect(await silent.next()).toMatchObject({ cmd: 'disconnect', reasonCode: 0x8d });
  expect(await silent.next()).toEqual({ cmd: 'closed' });
  expect(await hearer.message()).toBe('will gone');
});

test('the newest holder of a client id wins, and the will of the old one is published', async ({ site, core }) => {
  const anybody = await site.anybody(core);
  const hearer = await site.join(core, anybody, 'hearer');
  await hearer.subscribe('will');
  const old = await site.join(core, anybody, 'same', { will: WILL });
  const oldest = await site.join(core, anybody, 'elder', { version: 4 });
  const fresh = await site.join(core, anybody, 'same');
  await site.join(core, anybody, 'elder');
  expect(await old.next()).toMatchObject({ cmd: 'disconnect', reasonCode: 0x8e });
  expect(await old.next()).toEqual({ cmd: 'closed' });
  expect(await oldest.next()).toEqual({ cmd: 'closed' });
  expect(await hearer.message()).toBe('will gone');
  expect(await fresh.rest()).toEqual([]);
});

test('a clean DISCONNECT keeps the will back, a lost connection and reason 4 do not', async ({ site, core }) => {
  const anybody = await site.anybody(core);
  const hearer = await site.join(core, anybody, 'hearer');
  await hearer.subscribe('will');
  const polite = await site.join(core, anybody, 'polite', { will: WILL });
  polite.send({ cmd: 'disconnect', reasonCode: 0 });
  expect(await polite.next()).toEqual({ cmd: 'closed' });
  expect(await hearer.rest()).toEqual([]);
  const rude = await site.join(core, anybody, 'rude', { will: WILL });
  rude.cut();
  expect(await hearer.message()).toBe('will gone');
  const willing = await site.join(core, anybody, 'willing', { will: WILL });
  willing.send({ cmd: 'disconnect', reasonCode: 4 });
  expect(await hearer.message()).toBe('will gone');
  const late = await site.join(core, anybody, 'late');
  await late.subscribe('will');
  expect(await late.next()).toMatchObject({ topic: 'will', retain: true });
});

test('an empty client id is assigned in MQTT 5 and refused in MQTT 3.1.1', async ({ site, core }) => {
  const anybody = await site.anybody(core);
  const connack = await (await site.dial(core, anybody)).connect('');
  expect(connack.properties?.assignedClientIdentifier).toMatch(/^[0-9a-f]{32}$/);
  expect(core.admin.clients()[0]?.clientId).toBe(connack.properties?.assignedClientIdentifier);
  const old = await site.dial(core, anybody, { version: 4 });
  expect(await old.greet('')).toMatchObject({ cmd: 'connack', returnCode: 2 });
});

test('client ids of 129 bytes or with a leading $ are refused', async ({ site, core }) => {
  const anybody = await site.anybody(core);
  await site.join(core, anybody, 'x'.repeat(128));
  for (const clientId of ['é'.repeat(65), '$me']) {
    const client = await site.dial(core, anybody);
    expect(await client.greet(clientId)).toMatchObject({ cmd: 'connack', reasonCode: 0x85 });
    expect(await client.next()).toEqual({ cmd: 'closed' });
  }
});

test('what MQTT 5 on AWS does not have is refused at CONNECT', async ({ site, core }) => {
  const anybody = await site.anybody(core);
  const auth = await site.dial(core, anybody);
  expect(await auth.greet('a', { properties: { authenticationMethod: 'x' } })).toMatchObject({ reasonCode: 0x80 });
  const twice = await site.dial(core, anybody);
  expect(await twice.greet('b', { will: { ...WILL, qos: 2 } })).toMatchObject({ reasonCode: 0x9b });
  const wild = await site.dial(core, anybody);
  expect(await wild.greet('c', { will: { ...WILL, topic: 'a/#' } })).toMatchObject({ reasonCode: 0x90 });
  const old = await site.dial(core, anybody, { version: 4 });
  old.send({ cmd: 'connect', protocolId: 'MQIsdp', protocolVersion: 3, clientId: 'd', clean: true, keepalive: 60 });
  expect(await old.next()).toMatchObject({ cmd: 'connack', returnCode: 1 });
});

test('QoS 2 ends the connection, published or subscribed', async ({ site, core }) => {
  const anybody = await site.anybody(core);
  const speaker = await site.join(core, anybody, 'speaker');
  expect(await speaker.publish('a', 'x', { qos: 2 })).toMatchObject({ cmd: 'disconnect', reasonCode: 0x9b });
  const hearer = await site.join(core, anybody, 'hearer');
  expect(await hearer.subscribe({ topic: 'a', qos: 2 })).toMatchObject({ cmd: 'disconnect', reasonCode: 0x9b });
  const old = await site.join(core, anybody, 'old', { version: 4 });
  expect(await old.publish('a', 'x', { qos: 2 })).toEqual({ cmd: 'closed' });
});

test('topics have at most 256 bytes and 7 slashes, not counting a rule prefix', async ({ site, core }) => {
  const client = await site.join(core, await site.anybody(core), 'c');
  expect(await client.publish('1/2/3/4/5/6/7/8', '')).toMatchObject({ reasonCode: 0 });
  expect(await client.publish('$aws/rules/r/1/2/3/4/5/6/7/8', '')).toMatchObject({ reasonCode: 0 });
  expect(await client.publish('x'.repeat(256), '')).toMatchObject({ reasonCode: 0 });
  expect(await client.publish('1/2/3/4/5/6/7/8/9', '')).toMatchObject({ reasonCode: 0x90 });
  expect(await client.publish('x'.repeat(257), '')).toMatchObject({ reasonCode: 0x90 });
});

test('eight filters fit into one SUBSCRIBE and fifty on a connection', async ({ site, core }) => {
  const client = await site.join(core, await site.anybody(core), 'c');
  const filters = Array.from({ length: 51 }, (_, index) => `f/${index}`);
  expect(await client.subscribe(...filters.slice(0, 9))).toEqual(Array(9).fill(0x97));
  for (let from = 0; from < 48; from += 8) {
    expect(await client.subscribe(...filters.slice(from, from + 8))).toEqual(Array(8).fill(1));
  }
  expect(await client.subscribe(...filters.slice(48))).toEqual([1, 1, 0x97]);
  expect(await client.subscribe('f/0')).toEqual([1]);
});

test.for(['a/#/b', 'a+', '$share/g', '$share//x', '1/2/3/4/5/6/7/8/9', ''])(
  'the filter "%s" is refused',
  async (filter, { site, core }) => {
    const client = await site.join(core, await site.anybody(core), 'c');
    expect(await client.subscribe(filter, 'good')).toEqual([0x8f, 1]);
  },
);

test('topic aliases work up to eight and name nothing before they are set', async ({ site, core }) => {
  const anybody = await site.anybody(core);
  const client = await site.join(core, anybody, 'c');
  await client.subscribe('long/topic');
  await client.publish('long/topic', '1', { properties: { topicAlias: 8 } });
  await client.next();
  await client.publish('', '2', { properties: { topicAlias: 8 } });
  expect(await client.message()).toBe('long/topic 2');
  expect(await client.publish('', '3', { properties: { topicAlias: 7 } })).toMatchObject({ reasonCode: 0x82 });
  const greedy = await site.join(core, anybody, 'greedy');
  expect(await greedy.publish('t', '', { properties: { topicAlias: 9 } })).toMatchObject({ reasonCode: 0x94 });
});

test('subscription identifiers are not supported', async ({ site, core }) => {
  const client = await site.join(core, await site.anybody(core), 'c');
  client.send({
    cmd: 'subscribe',
    messageId: 1,
    subscriptions: [{ topic: 'a', qos: 1 }],
    properties: { subscriptionIdentifier: 5 },
  });
  expect(await client.next()).toMatchObject({ cmd: 'disconnect', reasonCode: 0xa1 });
});

test('an operator can cut one link or all and hold them down', async ({ site, core }) => {
  const anybody = await site.anybody(core);
  const hub = await site.join(core, anybody, 'hub', { will: WILL });
  const backend = await site.join(core, anybody, 'backend');
  await backend.subscribe('will');
  core.admin.holdDown('hub');
  expect(await hub.next()).toEqual({ cmd: 'closed' });
  expect(await backend.message()).toBe('will gone');
  expect(await (await site.dial(core, anybody)).greet('hub')).toEqual({ cmd: 'closed' });
  core.admin.resume('hub');
  await site.join(core, anybody, 'hub');
  core.admin.holdDown();
  expect(await backend.next()).toEqual({ cmd: 'closed' });
  expect(core.admin.clients()).toEqual([]);
  await expect(site.dial(core, anybody)).rejects.toMatchObject({ code: expect.any(String) });
  core.admin.resume();
  await site.join(core, anybody, 'hub');
});

test('an operator can drop a client with a word or without', async ({ site, core }) => {
  const anybody = await site.anybody(core);
  const one = await site.join(core, anybody, 'one');
  expect(core.admin.dropClient('one', 0x98)).toBe(true);
  expect(await one.next()).toMatchObject({ cmd: 'disconnect', reasonCode: 0x98 });
  const two = await site.join(core, anybody, 'two');
  expect(core.admin.dropClient('two')).toBe(true);
  expect(await two.next()).toEqual({ cmd: 'closed' });
  expect(core.admin.dropClient('two')).toBe(false);
});
