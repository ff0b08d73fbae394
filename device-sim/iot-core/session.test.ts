import { expect } from 'vitest';
import { test } from './test-site.js';

const KEPT = { clean: false, properties: { sessionExpiryInterval: 600 } } as const;

test('a persistent session gets what came while it was away, in order, without DUP', async ({ site, core }) => {
  const anybody = await site.anybody(core);
  const first = await site.dial(core, anybody);
  expect(await first.connect('sleeper', KEPT)).toMatchObject({ sessionPresent: false });
  await first.subscribe('a');
  const speaker = await site.join(core, anybody, 'speaker');
  await speaker.publish('a', '1');
  expect(await first.next({ acknowledge: false })).toMatchObject({ topic: 'a' });
  core.admin.dropClient('sleeper');
  await speaker.publish('a', '2');
  speaker.send({ cmd: 'publish', topic: 'a', payload: 'not kept', qos: 0, dup: false, retain: false });
  await speaker.rest();
  const second = await site.dial(core, anybody);
  expect(await second.connect('sleeper', KEPT)).toMatchObject({ sessionPresent: true });
  expect(await second.rest()).toMatchObject([
    { payload: Buffer.from('1'), dup: false, qos: 1 },
    { payload: Buffer.from('2'), dup: false, qos: 1 },
  ]);
});

test('an acknowledged message does not come again', async ({ site, core }) => {
  const anybody = await site.anybody(core);
  const first = await site.join(core, anybody, 'sleeper', KEPT);
  await first.subscribe('a');
  await first.publish('a', '1');
  await first.rest();
  await first.rest();
  first.cut();
  const second = await site.join(core, anybody, 'sleeper', KEPT);
  expect(await second.rest()).toEqual([]);
});

test('a clean start forgets the session, and so does its expiry', async ({ site, core }) => {
  const anybody = await site.anybody(core);
  for (const after of ['clean start', 'expiry'] as const) {
    const first = await site.join(core, anybody, 'sleeper', KEPT);
    await first.subscribe('a');
    core.admin.dropClient('sleeper');
    if (after === 'clean start') {
      const clean = await site.dial(core, anybody);
      expect(await clean.connect('sleeper', { clean: true })).toMatchObject({ sessionPresent: false });
      core.admin.dropClient('sleeper');
    } else {
      await site.clock.advance(600_000);
    }
    const again = await site.dial(core, anybody);
    expect(await again.connect('sleeper', KEPT)).toMatchObject({ sessionPresent: false });
    core.admin.dropClient('sleeper');
    await site.clock.advance(600_000);
  }
});

test('an MQTT 3.1.1 session without the clean flag lives an hour', async ({ site, core }) => {
  const anybody = await site.anybody(core);
  const dialOld = async () => await site.dial(core, anybody, { version: 4 });
  const first = await dialOld();
  expect(await first.connect('old', { clean: false })).toMatchObject({ sessionPresent: false });
  await first.subscribe('a');
  core.admin.dropClient('old');
  await site.clock.advance(3_599_000);
  const second = await dialOld();
  expect(await second.connect('old', { clean: false })).toMatchObject({ sessionPresent: true });
  core.admin.dropClient('old');
  await site.clock.advance(3_600_000);
  expect(await (await dialOld()).connect('old', { clean: false })).toMatchObject({ sessionPresent: false });
});

test('a session expiry beyond the limit is told back as an hour', async ({ site, core }) => {
  const client = await site.dial(core, await site.anybody(core));
  const connack = await client.connect('c', { properties: { sessionExpiryInterval: 0xffff_ffff } });
  expect(connack.properties).toMatchObject({
    sessionExpiryInterval: 3_600,
    receiveMaximum: 100,
    maximumQoS: 1,
    topicAliasMaximum: 8,
    subscriptionIdentifiersAvailable: false,
  });
});

test('DISCONNECT may end a session early, and may not prolong one that was never kept', async ({ site, core }) => {
  const anybody = await site.anybody(core);
  const kept = await site.join(core, anybody, 'kept', KEPT);
  kept.send({ cmd: 'disconnect', reasonCode: 0, properties: { sessionExpiryInterval: 0 } });
  expect(await kept.next()).toEqual({ cmd: 'closed' });
  expect(await (await site.dial(core, anybody)).connect('kept', KEPT)).toMatchObject({ sessionPresent: false });
  const short = await site.join(core, anybody, 'short');
  short.send({ cmd: 'disconnect', reasonCode: 0, properties: { sessionExpiryInterval: 60 } });
  expect(await short.next()).toMatchObject({ cmd: 'disconnect', reasonCode: 0x82 });
});

test('no more than the receive maximum is in flight, and an acknowledgement lets the next one go', async ({
  site,
  core,
}) => {
  const anybody = await site.anybody(core);
  const slow = await site.join(core, anybody, 'slow', { properties: { receiveMaximum: 2 } });
  await slow.subscribe('a');
  const speaker = await site.join(core, anybody, 'speaker');
  for (const text of ['1', '2', '3']) await speaker.publish('a', text);
  const first = await slow.next({ acknowledge: false });
  await slow.next({ acknowledge: false });
  expect(await slow.rest()).toEqual([]);
  slow.send({ cmd: 'puback', messageId: first.cmd === 'publish' ? (first.messageId ?? 0) : 0 });
  expect(await slow.message()).toBe('a 3');
});

test('without a told receive maximum a hundred messages are in flight', async ({ site, core }) => {
  const slow = await site.join(core, await site.anybody(core), 'slow');
  await slow.subscribe('a');
  for (let n = 0; n < 101; n += 1)
    slow.send({ cmd: 'publish', topic: 'a', payload: `${n}`, qos: 0, dup: false, retain: false });
  expect(await slow.rest()).toHaveLength(101);
  for (let n = 1; n <= 101; n += 1) {
    slow.send({ cmd: 'publish', topic: 'a', payload: `${n}`, qos: 1, messageId: n, dup: false, retain: false });
  }
  slow.send({ cmd: 'pingreq' });
  let delivered = 0;
  for (;;) {
    const heard = await slow.next({ acknowledge: false });
    if (heard.cmd === 'publish') delivered += 1;
    if (heard.cmd === 'pingresp') break;
  }
  expect(delivered).toBe(100);
});

test('a message longer than the client takes is left out', async ({ site, core }) => {
  const small = await site.join(core, await site.anybody(core), 'small', { properties: { maximumPacketSize: 100 } });
  await small.subscribe('a');
  await small.publish('a', 'x'.repeat(200));
  await small.publish('a', 'short');
  expect(await small.rest()).toMatchObject([{ payload: Buffer.from('short') }]);
});
