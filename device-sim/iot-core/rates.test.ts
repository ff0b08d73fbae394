import { expect } from 'vitest';
import { AWS_RATES, ConnectRates, RateMeter } from './rates.js';
import { test } from './test-site.js';

test('publishes above a hundred in a second are discarded, and told where MQTT can tell', async ({ site }) => {
  const core = await site.start({ rates: AWS_RATES });
  const anybody = await site.anybody(core);
  const hearer = await site.join(core, anybody, 'hearer');
  await hearer.subscribe('a');
  for (const version of [4, 5] as const) {
    const client = await site.join(core, anybody, `speaker-${version}`, { version });
    for (let n = 1; n <= 101; n += 1) {
      client.send({ cmd: 'publish', topic: 'a', payload: `${n}`, qos: 1, messageId: n, dup: false, retain: false });
    }
    const told = await client.rest();
    expect(told).toHaveLength(version === 5 ? 101 : 100);
    if (version === 5) expect(told.at(-1)).toMatchObject({ cmd: 'puback', messageId: 101, reasonCode: 0x97 });
    for (let n = 1; n <= 100; n += 1) expect(await hearer.message()).toBe(`a ${n}`);
    site.clock.jump(20);
    expect(await client.publish('a', 'again')).toMatchObject({ cmd: 'puback' });
    expect(await hearer.message()).toBe('a again');
    expect(await hearer.rest()).toEqual([]);
    site.clock.jump(1_000);
  }
});

// A cloud that heard a whole fleet on one connection worked here, and would have lost messages at AWS.
test('a client hears no more than a hundred messages in a second, of however many clients', async ({ site, core }) => {
  const anybody = await site.anybody(core);
  const hearer = await site.join(core, anybody, 'hearer');
  await hearer.subscribe('a');
  core.admin.setRates(AWS_RATES);
  for (const clientId of ['one', 'other']) {
    const client = await site.join(core, anybody, clientId);
    for (let n = 1; n <= 60; n += 1) {
      client.send({ cmd: 'publish', topic: 'a', payload: clientId, qos: 1, messageId: n, dup: false, retain: false });
    }
    expect(await client.rest()).toHaveLength(60);
  }
  expect(await hearer.rest()).toHaveLength(100);
  site.clock.jump(1_000);
  const client = await site.join(core, anybody, 'third');
  await client.publish('a', 'again');
  expect(await hearer.message()).toBe('a again');
});

test('a client id that connects twice in a second is refused, others are not', async ({ site, core }) => {
  const anybody = await site.anybody(core);
  core.admin.setRates(AWS_RATES);
  await site.join(core, anybody, 'c');
  expect(await (await site.dial(core, anybody)).greet('c')).toMatchObject({ cmd: 'connack', reasonCode: 0x97 });
  expect(await (await site.dial(core, anybody, { version: 4 })).greet('c')).toEqual({ cmd: 'closed' });
  await site.join(core, anybody, 'd');
  expect(core.admin.clients()).toHaveLength(2);
  site.clock.jump(1_000);
  await site.join(core, anybody, 'c');
});

// All of them were counted as one.
test('clients without an id are each given one, however many come in a second', async ({ site, core }) => {
  const anybody = await site.anybody(core);
  core.admin.setRates(AWS_RATES);
  for (let n = 0; n < 3; n += 1) await site.join(core, anybody, '');
  expect(core.admin.clients()).toHaveLength(3);
});

test('a meter saves up no more than a second of its rate', () => {
  const meter = new RateMeter();
  const passed = (nowMs: number) => Array.from({ length: 10 }, () => meter.allows(4, nowMs)).filter(Boolean).length;
  expect(passed(0)).toBe(4);
  expect(passed(500)).toBe(2);
  expect(passed(100_000)).toBe(4);
});

test('client ids that have been quiet are forgotten', () => {
  const rates = new ConnectRates();
  for (let n = 0; n < 10_000; n += 1) rates.allows(`${n}`, 1, 0);
  expect(rates.allows('0', 1, 0)).toBe(false);
  expect(rates.allows('0', 1, 1_000)).toBe(true);
});
