import { expect } from 'vitest';
import { test } from './test-site.js';

const RETAINED = { retain: true } as const;

test('QoS 1 and QoS 0 messages reach a subscriber with the lower of both qualities', async ({ site, core }) => {
  const anybody = await site.anybody(core);
  const hearer = await site.join(core, anybody, 'hearer');
  await hearer.subscribe('one', { topic: 'zero', qos: 0 });
  const speaker = await site.join(core, anybody, 'speaker');
  await speaker.publish('one', 'a');
  await speaker.publish('zero', 'b');
  expect(await hearer.next()).toMatchObject({ topic: 'one', qos: 1, dup: false, retain: false });
  expect(await hearer.next()).toMatchObject({ topic: 'zero', qos: 0 });
});

test('overlapping filters bring one copy', async ({ site, core }) => {
  const hearer = await site.join(core, await site.anybody(core), 'hearer');
  await hearer.subscribe({ topic: 'a/+', qos: 0 }, 'a/b', { topic: 'a/#', qos: 0 });
  await hearer.publish('a/b', 'x');
  expect(await hearer.rest()).toMatchObject([{ cmd: 'publish', topic: 'a/b', qos: 1 }]);
});

test('a/# hears a/b/c and not a, and # hears no topic that begins with $', async ({ site, core }) => {
  const hearer = await site.join(core, await site.anybody(core), 'hearer');
  await hearer.subscribe('a/#', '+/x');
  await hearer.publish('a', 'parent');
  await hearer.publish('$sys/x', 'reserved');
  await hearer.publish('a/b/c', 'child');
  expect(await hearer.rest()).toMatchObject([{ topic: 'a/b/c' }]);
});

test('an unsubscribed filter brings nothing more', async ({ site, core }) => {
  const hearer = await site.join(core, await site.anybody(core), 'hearer');
  await hearer.subscribe('a');
  hearer.send({ cmd: 'unsubscribe', messageId: 3, unsubscriptions: ['a', 'never'] });
  expect(await hearer.next()).toMatchObject({ cmd: 'unsuback', granted: [0, 0x11] });
  await hearer.publish('a', 'x');
  expect(await hearer.rest()).toEqual([]);
});

test('a no-local subscription does not bring back its own messages', async ({ site, core }) => {
  const hearer = await site.join(core, await site.anybody(core), 'hearer');
  await hearer.subscribe({ topic: 'a', qos: 1, nl: true });
  await hearer.publish('a', 'x');
  expect(await hearer.rest()).toEqual([]);
});

test('a retained message greets an exact filter only, and an empty payload deletes it', async ({ site, core }) => {
  const anybody = await site.anybody(core);
  const speaker = await site.join(core, anybody, 'speaker');
  await speaker.publish('state/1', 'kept', RETAINED);
  const hearer = await site.join(core, anybody, 'hearer');
  await hearer.subscribe('state/+', 'state/#', '$share/g/state/1');
  expect(await hearer.rest()).toEqual([]);
  await hearer.subscribe('state/1');
  expect(await hearer.next()).toMatchObject({ topic: 'state/1', retain: true, payload: Buffer.from('kept') });
  await speaker.publish('state/1', '', RETAINED);
  const late = await site.join(core, anybody, 'late');
  await late.subscribe('state/1');
  expect(await late.rest()).toEqual([]);
});

test('retain handling 1 and 2 hold retained messages back', async ({ site, core }) => {
  const hearer = await site.join(core, await site.anybody(core), 'hearer');
  await hearer.publish('s', 'kept', RETAINED);
  await hearer.subscribe({ topic: 's', qos: 1, rh: 2 });
  await hearer.subscribe({ topic: 's', qos: 1, rh: 1 });
  expect(await hearer.rest()).toEqual([]);
  await hearer.subscribe({ topic: 's', qos: 1, rh: 0 });
  expect(await hearer.message()).toBe('s kept');
});

test('retained messages on $ topics are refused', async ({ site, core }) => {
  const speaker = await site.join(core, await site.anybody(core), 'speaker');
  expect(await speaker.publish('$aws/x', 'y', RETAINED)).toMatchObject({ cmd: 'puback', reasonCode: 0x90 });
});

test('a shared subscription gives each message to one member in turn', async ({ site, core }) => {
  const anybody = await site.anybody(core);
  const one = await site.join(core, anybody, 'one');
  const two = await site.join(core, anybody, 'two', { version: 4 });
  await one.subscribe('$share/g/work/#');
  await two.subscribe('$share/g/work/#');
  const speaker = await site.join(core, anybody, 'speaker');
  for (const text of ['a', 'b', 'c', 'd']) await speaker.publish('work/x', text);
  expect(await one.rest()).toMatchObject([{ payload: Buffer.from('a') }, { payload: Buffer.from('c') }]);
  expect(await two.rest()).toMatchObject([{ payload: Buffer.from('b') }, { payload: Buffer.from('d') }]);
});

test('what a member of a shared subscription did not acknowledge goes to another when it leaves', async ({
  site,
  core,
}) => {
  const anybody = await site.anybody(core);
  const one = await site.join(core, anybody, 'one');
  await one.subscribe('$share/g/work');
  const two = await site.join(core, anybody, 'two');
  await two.subscribe('$share/g/work');
  const speaker = await site.join(core, anybody, 'speaker');
  await speaker.publish('work', 'lost?');
  expect(await one.next({ acknowledge: false })).toMatchObject({ topic: 'work' });
  core.admin.dropClient('one');
  expect(await two.message()).toBe('work lost?');
});

test('properties of a message travel with it, and its expiry counts down', async ({ site, core }) => {
  const anybody = await site.anybody(core);
  const sleeper = await site.join(core, anybody, 'sleeper', { properties: { sessionExpiryInterval: 600 } });
  await sleeper.subscribe('a');
  sleeper.cut();
  const speaker = await site.join(core, anybody, 'speaker');
  await speaker.publish('a', 'dead', { properties: { messageExpiryInterval: 10 } });
  await speaker.publish('a', 'alive', {
    properties: {
      messageExpiryInterval: 60,
      contentType: 'text/plain',
      responseTopic: 'r',
      correlationData: Buffer.from('c'),
      payloadFormatIndicator: true,
      userProperties: { k: ['v', 'w'] },
    },
  });
  await site.clock.advance(20_000);
  const back = await site.join(core, anybody, 'sleeper', { clean: false });
  expect(await back.rest()).toMatchObject([
    {
      payload: Buffer.from('alive'),
      properties: {
        messageExpiryInterval: 40,
        contentType: 'text/plain',
        responseTopic: 'r',
        correlationData: Buffer.from('c'),
        payloadFormatIndicator: true,
        userProperties: { k: ['v', 'w'] },
      },
    },
  ]);
});

test('a tap sees what is published and by whom, requests to services too', async ({ site, core }) => {
  const seen: string[] = [];
  const end = core.admin.tap(({ clientId, topic, payload }) => seen.push(`${clientId} ${topic} ${payload.length}`));
  const speaker = await site.join(core, await site.anybody(core), 'speaker');
  await speaker.publish('a', 'xyz');
  await speaker.publish('$aws/things/lamp/shadow/get', '');
  end();
  await speaker.publish('b', '');
  expect(seen).toEqual(['speaker a 3', 'speaker $aws/things/lamp/shadow/get 0']);
});
