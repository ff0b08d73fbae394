import { Agent, request as httpRequest } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestCloud } from '../../test/support/cloud.js';
import { testEngines } from '../../test/support/cloud-databases.js';
import type { TestHub } from '../../test/support/cloud-devices.js';
import { SyncStore } from '../../test/support/sync-store.js';

const [engine] = testEngines();
let cloud: TestCloud;
let url: string;
let hub: TestHub;
beforeAll(async () => {
  if (engine === undefined) throw new RangeError('no engine');
  cloud = await TestCloud.start(engine);
  url = await cloud.listen();
  hub = await cloud.provision();
});
afterAll(() => cloud.close());

const gauge = async (name: string) => {
  const { body } = await fetch(`${url}/metrics`).then(async (reply) => ({ body: await reply.text() }));
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(body)?.[1]);
};

const heldBack = () => expect.poll(() => gauge('inklet_sync_held_back'), { timeout: 15_000 });

test('bodies that are too many for the memory wait in their sockets, and those that never come give back their room', async () => {
  const agent = new Agent({ maxSockets: Infinity });
  const headers = {
    authorization: `Bearer ${await hub.token()}`,
    'content-type': 'application/json',
    'content-length': String(4 * 1024 * 1024),
  };
  const stalled = Array.from({ length: 8 }, () => {
    const sent = httpRequest(`${url}/v1/sync`, { method: 'POST', headers, agent });
    sent.on('error', () => {});
    sent.write('{');
    return sent;
  });
  await heldBack().toBe(2);
  const small = { method: 'POST', headers: { ...headers }, body: JSON.stringify(new SyncStore().request()) };
  Reflect.deleteProperty(small.headers, 'content-length');
  const answered = fetch(`${url}/v1/sync`, small);
  await heldBack().toBe(3);
  for (const sent of stalled) {
    const isClosed = new Promise<void>((resolve) => sent.once('close', resolve));
    sent.destroy();
    await isClosed;
  }
  expect((await answered).status).toBe(200);
  await heldBack().toBe(0);
  agent.destroy();
});

test('a body that nobody can read gives back its room too', async () => {
  const token = await hub.token();
  const statuses: number[] = [];
  // Each takes a quarter of the room.
  for (let tries = 0; tries < 8; tries += 1) {
    const body = 'x'.repeat(4 * 1024 * 1024 - 1);
    const headers = { 'content-type': 'application/json' };
    statuses.push((await cloud.call('POST', '/v1/sync', { token, body, headers })).status);
  }
  expect(new Set(statuses)).toEqual(new Set([400]));
  expect(await gauge('inklet_sync_held_back')).toBe(0);
});
