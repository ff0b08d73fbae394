import { expect } from 'vitest';
import { type Site, test } from './test-site.js';

const NOW_MS = Date.UTC(2026, 0, 1);

async function watcher(site: Site, core: Awaited<ReturnType<Site['start']>>) {
  const client = await site.join(core, await site.anybody(core), 'watcher', { keepalive: 1_200 });
  await client.subscribe('$aws/events/presence/+/c');
  const next = async () => {
    const heard = await client.next();
    return heard.cmd === 'publish' ? JSON.parse(heard.payload.toString()) : heard;
  };
  return next;
}

test('who comes and goes is told, with session, certificate and a number that grows', async ({ site, core }) => {
  const next = await watcher(site, core);
  const anybody = await site.anybody(core);
  const sessions = new Set<string>();
  for (const versionNumber of [0, 1]) {
    const client = await site.join(core, anybody, 'c');
    const about = {
      clientId: 'c',
      timestamp: NOW_MS,
      sessionIdentifier: expect.stringMatching(/^[0-9a-f]{32}$/),
      principalIdentifier: anybody.certificateId,
      ipAddress: '127.0.0.1',
      versionNumber,
    };
    const connected = await next();
    expect(connected).toEqual({ ...about, eventType: 'connected' });
    sessions.add(connected.sessionIdentifier);
    client.send({ cmd: 'disconnect', reasonCode: 0 });
    expect(await next()).toEqual({
      ...about,
      sessionIdentifier: connected.sessionIdentifier,
      eventType: 'disconnected',
      clientInitiatedDisconnect: true,
      disconnectReason: 'CLIENT_INITIATED_DISCONNECT',
    });
  }
  expect(sessions.size).toBe(2);
});

test('who wants to hear what is told, as far as it was granted', async ({ site, core }) => {
  const watcher = await site.join(core, await site.anybody(core), 'watcher');
  await watcher.subscribe('$aws/events/subscriptions/+/inklet-a');
  const device = await site.device(core, 'inklet-a');
  const client = await site.join(core, device, 'inklet-a');
  const [mine, theirs] = ['inklet/dev/inklet-a/down/cmd', 'inklet/dev/inklet-b/down/cmd'];
  await client.subscribe(mine, theirs);
  await client.subscribe(theirs);
  client.send({ cmd: 'unsubscribe', messageId: 8, unsubscriptions: [theirs, mine] });
  expect(await client.next()).toMatchObject({ cmd: 'unsuback', granted: [0x11, 0] });
  const about = {
    clientId: 'inklet-a',
    timestamp: NOW_MS,
    sessionIdentifier: expect.stringMatching(/^[0-9a-f]{32}$/),
    principalIdentifier: device.certificateId,
    topics: [mine],
  };
  const told = await watcher.rest();
  expect(told.map((heard) => heard.cmd === 'publish' && JSON.parse(heard.payload.toString()))).toEqual([
    { ...about, eventType: 'subscribed' },
    { ...about, eventType: 'unsubscribed' },
  ]);
});

test('nothing is told of a client whose id would be a wildcard', async ({ site, core }) => {
  const anybody = await site.anybody(core);
  const watcher = await site.join(core, anybody, 'watcher');
  await watcher.subscribe('$aws/events/#');
  await watcher.rest();
  await site.join(core, anybody, '+');
  expect(await watcher.rest()).toEqual([]);
});

test('why a connection ended is told in the words of AWS', async ({ site, core }) => {
  const next = await watcher(site, core);
  const anybody = await site.anybody(core);
  const join = async () => {
    const client = await site.join(core, anybody, 'c', { keepalive: 30 });
    return client;
  };
  const ends: [string, (client: Awaited<ReturnType<typeof join>>) => unknown][] = [
    ['CONNECTION_LOST', (client) => client.cut()],
    ['CLIENT_ERROR', (client) => client.sendBytes(Buffer.from([0, 0]))],
    ['DUPLICATE_CLIENTID', () => join()],
    ['SERVER_INITIATED_DISCONNECT', () => core.admin.dropClient('c', 0x98)],
    ['MQTT_KEEP_ALIVE_TIMEOUT', () => site.clock.advance(45_000)],
  ];
  for (const [disconnectReason, end] of ends) {
    if (disconnectReason !== 'SERVER_INITIATED_DISCONNECT') {
      const client = await join();
      expect(await next()).toMatchObject({ eventType: 'connected' });
      end(client);
    } else core.admin.dropClient('c', 0x98);
    expect(await next()).toMatchObject({ eventType: 'disconnected', disconnectReason });
    if (disconnectReason === 'DUPLICATE_CLIENTID') expect(await next()).toMatchObject({ eventType: 'connected' });
  }
  const client = await site.join(core, await site.device(core, 'c'), 'c', { version: 4 });
  expect(await next()).toMatchObject({ eventType: 'connected' });
  await client.publish('not/mine', 'x');
  expect(await next()).toMatchObject({ disconnectReason: 'FORBIDDEN_ACCESS', clientInitiatedDisconnect: false });
});
