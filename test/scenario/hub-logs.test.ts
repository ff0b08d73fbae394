import { once } from 'node:events';
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { v7 } from 'uuid';
import { expect } from 'vitest';
import { type SyncReply, SyncRequestSchema } from '../../contract/index.js';
import { test as base } from '../support/hub-world.js';

const WAIT = { timeout: 30_000, interval: 50 };
const NAMES = { title: 'Geheimnis', text: 'The key lies under the third stone', household: 'The Larks of Elm Street' };
const CODE = { code: 'BCDF-GHJK', url: 'https://inklet.app/bind#code=BCDF-GHJK', word: 'otter' };

/** A cloud that answers syncs with the commands it is given, and hears which tokens are shown. */
const test = base.extend('cloud', async ({ world: _world }, { onCleanup }) => {
  const cloud: { url: string; down: object[]; tokens: Set<string>; told: string[] } = {
    url: '',
    down: [],
    tokens: new Set(),
    told: [],
  };
  const server = createServer(async (incoming, outgoing) => {
    const parts: Buffer[] = [];
    for await (const part of incoming) parts.push(part);
    const raw = Buffer.concat(parts);
    const json = incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
    const request = SyncRequestSchema.parse(JSON.parse(json.toString()));
    cloud.tokens.add((incoming.headers.authorization ?? '').replace('Bearer ', ''));
    cloud.told.push(...request.logs.flatMap(({ events }) => events.map((event) => JSON.stringify(event))));
    const acks = Object.fromEntries(request.logs.map(({ lane, first, events }) => [lane, first + events.length - 1]));
    const reply: Omit<SyncReply, 'down'> & { down: object[] } = {
      v: 1,
      gen: 'g1',
      now: new Date().toISOString(),
      acks,
      regAcks: [],
      rejects: [],
      holes: [],
      down: cloud.down.slice(request.downAcked),
      downNext: cloud.down.length + 1,
      finalUpto: 0,
      window: { events: 500, bytes: 262_144 },
      retryMs: null,
      spreadMs: null,
      epochState: 'open',
    };
    outgoing.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  cloud.url = `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
  onCleanup(() => {
    server.close();
    server.closeAllConnections();
  });
  return cloud;
});

function command(downSeq: number, slot: string, kind: string, body: object): object {
  const issuedAt = new Date().toISOString();
  const times = { issuedAt, deadlineAt: null, remainingMs: null };
  return { v: 1, gen: 'g1', cmdId: v7(), downSeq, slot, rev: downSeq, ...times, kind, body };
}

test('no line of the log holds what a household says, nor what opens a door', { timeout: 90_000 }, async ({
  world,
  cloud,
  startHub,
  logged,
}) => {
  const tag = await world.signedTag();
  world.reader.place(tag);
  const hub = await startHub({ INKLET_CLOUD_URL: cloud.url, INKLET_SYNC_INTERVAL_S: '1', INKLET_LOG_LEVEL: 'trace' });
  await expect.poll(async () => (await hub.status()).link.connected, WAIT).toBe(true);
  const displayId = await hub.displayId();
  const page = {
    title: NAMES.title,
    text: NAMES.text,
    align: 'start',
    qr: 'https://secret.example',
    pictures: [],
    fit: 'fit',
  };
  const show = (more: object) => ({
    ...{ displayId, presentationId: v7(), askedAt: new Date().toISOString() },
    page: { ...page, ...more },
  });
  const broken = Buffer.from('no picture');
  await hub.show(NAMES.text);
  const expiresAt = new Date(Date.now() + 600_000).toISOString();
  cloud.down = [
    command(1, 'claim', 'claim_code', { requestId: v7(), ...CODE, expiresAt }),
    command(2, `frame:${displayId}`, 'text', show({})),
    command(3, 'config', 'config', { displayNames: { [displayId]: NAMES.household } }),
    command(4, `frame:${displayId}`, 'text', { ...show({}), page: { ...page, align: NAMES.text } }),
    command(5, `frame:${displayId}`, 'text', show({ qr: NAMES.text.repeat(25) })),
    command(6, 'dance', 'dance', { to: NAMES.text }),
    command(7, 'claim', 'claim_asked', { claimId: v7(), householdName: NAMES.household, word: CODE.word, expiresAt }),
    command(8, 'claim', 'bound', { householdId: v7(), householdName: NAMES.household }),
  ];
  await hub.post(displayId, { text: 7, title: NAMES.text });
  await hub.post(displayId, { qr: NAMES.text.repeat(25) });
  await fetch(`${hub.url}/displays/${displayId}/contents`, { method: 'POST', body: broken });
  const typed = new URLSearchParams({ code: CODE.code, householdName: NAMES.household });
  await fetch(`${hub.url}/bind/claims`, { method: 'POST', body: typed });
  await fetch(`${hub.url}/bind?code=${CODE.code}`);
  await expect.poll(async () => (await hub.status()).household?.householdName, WAIT).toBe(NAMES.household);
  await expect.poll(() => cloud.told.filter((event) => event.includes('"cmd.result"')).length, WAIT).toBe(8);
  await expect.poll(async () => (await hub.status()).sync.queueDepth, WAIT).toBe(0);

  const log = logged.join('');
  // The log is not empty, and the secrets are what was used.
  expect(log).toContain('frame shown');
  expect(cloud.tokens.size).toBeGreaterThan(0);
  const secrets = [...Object.values(NAMES), ...Object.values(CODE), 'secret.example', 'PRIVATE KEY', ...cloud.tokens];
  expect(secrets.filter((secret) => log.includes(secret))).toEqual([]);
  // Nor does the cloud hear texts again in events: they may outlive the household's stay.
  const told = cloud.told.join('');
  expect(Object.values(NAMES).filter((name) => told.includes(name))).toEqual([]);
});
