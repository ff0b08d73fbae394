import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import fc from 'fast-check';
import { expect } from 'vitest';
import { PacketReader } from './packet-reader.js';
import { test } from './test-site.js';

const HTTP = Buffer.from(`GET / HTTP/1.1\r\nhost: ${'x'.repeat(100)}\r\n\r\n`);

test('noise instead of TLS, and instead of MQTT, ends that connection alone', async ({ site, core }) => {
  const anybody = await site.anybody(core);
  const good = await site.join(core, anybody, 'good');
  const tcp = connectTcp(core.port, '127.0.0.1');
  tcp.on('error', () => undefined);
  tcp.write(HTTP);
  tcp.resume();
  await once(tcp, 'close');
  for (const bytes of [HTTP, Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff]), Buffer.from([0xc0, 0])]) {
    const client = await site.dial(core, anybody);
    client.sendBytes(bytes);
    expect(await client.next()).toEqual({ cmd: 'closed' });
  }
  expect(await good.rest()).toEqual([]);
});

test.for([
  ['a truncated PUBLISH', Buffer.from([0x32, 0x03, 0x00, 0x09, 0x61]), 0x81],
  ['a PUBLISH with message id 0', Buffer.from([0x32, 0x06, 0x00, 0x01, 0x61, 0x00, 0x00, 0x00]), 0x82],
  ['a CONNACK from a client', Buffer.from([0x20, 0x03, 0x00, 0x00, 0x00]), 0x82],
  ['a PUBREL', Buffer.from([0x62, 0x02, 0x00, 0x01]), 0x82],
  ['packet type 0', Buffer.from([0x00, 0x00]), 0x81],
  ['an endless remaining length', Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x7f]), 0x81],
  ['an announced packet of 256 MB', Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]), 0x97],
  ['a SUBSCRIBE without filters', Buffer.from([0x82, 0x03, 0x00, 0x01, 0x00]), 0x82],
] as const)('%s is told its reason and disconnected', async ([, bytes, reasonCode], { site, core }) => {
  const client = await site.join(core, await site.anybody(core), 'c');
  client.sendBytes(bytes);
  expect(await client.next()).toMatchObject({ cmd: 'disconnect', reasonCode });
  expect(await client.next()).toEqual({ cmd: 'closed' });
});

test('a second CONNECT is a protocol error', async ({ site, core }) => {
  const client = await site.join(core, await site.anybody(core), 'c');
  expect(await client.greet('c')).toMatchObject({ cmd: 'disconnect', reasonCode: 0x82 });
});

test('whatever the bytes, the reader answers and never throws', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), (chunks) => {
      const reader = new PacketReader();
      for (const chunk of chunks) if (reader.read(Buffer.from(chunk)).broken !== undefined) return;
    }),
    { numRuns: 2_000 },
  );
});

test('what stands before a broken packet still counts', async ({ site, core }) => {
  const anybody = await site.anybody(core);
  const hearer = await site.join(core, anybody, 'hearer');
  await hearer.subscribe('a');
  const client = await site.join(core, anybody, 'c');
  client.sendBytes(Buffer.from([0x30, 0x05, 0x00, 0x01, 0x61, 0x00, 0x78, 0x00, 0x00]));
  expect(await client.next()).toMatchObject({ cmd: 'disconnect', reasonCode: 0x81 });
  expect(await hearer.message()).toBe('a x');
});

test('a packet in single bytes and many packets in one piece are both read', async ({ site, core }) => {
  const client = await site.join(core, await site.anybody(core), 'c');
  for (const byte of [0xc0, 0x00]) client.sendBytes(Buffer.from([byte]));
  expect(await client.next()).toMatchObject({ cmd: 'pingresp' });
  client.sendBytes(Buffer.from([0xc0, 0x00, 0xc0, 0x00, 0xc0, 0x00]));
  for (let n = 0; n < 3; n += 1) expect(await client.next()).toMatchObject({ cmd: 'pingresp' });
});

test('128 KiB pass and 129 KiB are refused', async ({ site, core }) => {
  const anybody = await site.anybody(core);
  const client = await site.join(core, anybody, 'c');
  await client.subscribe('a');
  await client.publish('a', Buffer.alloc(128 * 1024, 1));
  const heard = await client.next();
  expect(heard.cmd === 'publish' && Buffer.alloc(128 * 1024, 1).equals(Buffer.from(heard.payload))).toBe(true);
  expect(await client.publish('a', Buffer.alloc(129 * 1024))).toMatchObject({ cmd: 'puback', reasonCode: 0x97 });
  expect(await client.rest()).toEqual([]);
  expect(await client.publish('a', Buffer.alloc(300 * 1024))).toMatchObject({ cmd: 'disconnect', reasonCode: 0x97 });
  const old = await site.join(core, anybody, 'old', { version: 4 });
  expect(await old.publish('a', Buffer.alloc(129 * 1024))).toEqual({ cmd: 'closed' });
});

test('a reader that stops reading loses QoS 0 messages, keeps QoS 1 ones, and holds up nobody', async ({
  site,
  core,
}) => {
  const anybody = await site.anybody(core);
  const slow = await site.join(core, anybody, 'slow');
  await slow.subscribe({ topic: 'zero', qos: 0 }, 'one');
  const speaker = await site.join(core, anybody, 'speaker');
  slow.socket.pause();
  const block = Buffer.alloc(100 * 1024);
  for (let n = 0; n < 130; n += 1) await speaker.publish('zero', block);
  await speaker.publish('one', 'kept');
  slow.socket.resume();
  const heard = (await slow.rest()).flatMap((one) => (one.cmd === 'publish' ? [one.topic] : []));
  const late = (await slow.rest()).flatMap((one) => (one.cmd === 'publish' ? [one.topic] : []));
  const topics = [...heard, ...late];
  expect(topics.filter((topic) => topic === 'zero').length).toBeLessThan(130);
  expect(topics.filter((topic) => topic === 'one')).toHaveLength(1);
});

test('a peer that makes the broker talk and never reads is cut', async ({ site, core }) => {
  const anybody = await site.anybody(core);
  const deaf = await site.join(core, anybody, 'deaf');
  await deaf.subscribe({ topic: 'zero', qos: 0 });
  const speaker = await site.join(core, anybody, 'speaker');
  deaf.socket.pause();
  const block = Buffer.alloc(100 * 1024);
  for (let n = 0; n < 130; n += 1) await speaker.publish('zero', block);
  const pings = Buffer.alloc(64 * 1024, Buffer.from([0xc0, 0x00]));
  while (core.admin.clients().length > 1) {
    await new Promise((resolve) => deaf.socket.write(pings, resolve));
  }
  expect(await speaker.rest()).toEqual([]);
});

test('a queue that is full refuses what is newest and the rest arrives', async ({ site, core }) => {
  const anybody = await site.anybody(core);
  const kept = { clean: false, properties: { sessionExpiryInterval: 600 } };
  const sleeper = await site.join(core, anybody, 'sleeper', kept);
  await sleeper.subscribe('a');
  core.admin.dropClient('sleeper');
  const speaker = await site.join(core, anybody, 'speaker');
  for (let n = 0; n < 1_010; n += 1) {
    speaker.send({ cmd: 'publish', topic: 'a', payload: `${n}`, qos: 1, messageId: n + 1, dup: false, retain: false });
  }
  await speaker.rest();
  const back = await site.join(core, anybody, 'sleeper', kept);
  const payloads: string[] = [];
  while (payloads.length < 1_000) payloads.push(await back.message());
  expect(payloads.at(-1)).toBe('a 999');
  expect(await back.rest()).toEqual([]);
});
