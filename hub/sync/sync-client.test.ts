import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { type SyncRequest, SyncRequestSchema } from '../../contract/index.js';
import { aDisplay, aText, test as base, SILENT } from '../../test/support/hub-site.js';
import { replyTo } from '../../test/support/sync-reply.js';
import { Intake } from '../executor/intake.js';
import { SyncClient } from './sync-client.js';
import { SyncState } from './sync-state.js';

type Answer = { status: number; body?: unknown; raw?: string | Uint8Array; headers?: Record<string, string> };
type Seen = { request: SyncRequest; headers: IncomingMessage['headers'] };

/** A cloud of one route that answers what the test says, and as the protocol does by default. */
class SmallCloud {
  readonly seen: Seen[] = [];
  url = '';
  answer: (request: SyncRequest) => Answer = (request) => ({ status: 200, body: replyTo(request) });
  readonly #waiting: { count: number; resolve: () => void }[] = [];
  readonly #server = createServer(async (incoming, outgoing) => {
    const parts: Buffer[] = [];
    for await (const part of incoming) parts.push(part);
    const sent = Buffer.concat(parts);
    const json = incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
    const request = SyncRequestSchema.parse(JSON.parse(json.toString()));
    this.seen.push({ request, headers: incoming.headers });
    const { status, body, raw = JSON.stringify(body), headers } = this.answer(request);
    outgoing.writeHead(status, { 'content-type': 'application/json', connection: 'close', ...headers }).end(raw);
    for (const { count, resolve } of this.#waiting) if (this.seen.length >= count) resolve();
  });

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address !== null && typeof address === 'object') this.url = `http://127.0.0.1:${address.port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  heard(count: number): Promise<void> {
    if (this.seen.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }
}

const test = base
  .extend('cloud', async ({ dir: _dir }, { onCleanup }) => {
    const cloud = new SmallCloud();
    await cloud.start();
    onCleanup(() => cloud.stop());
    return cloud;
  })
  .extend('client', ({ store, site, cloud }, { onCleanup }) => {
    const { outbox, registers } = store;
    const intake = new Intake({ ...store, hasDisplay: () => true, log: SILENT });
    const state = new SyncState({ ...store, intake, log: SILENT });
    const token = async (renew: boolean) => (renew ? 'second' : 'first');
    const client = new SyncClient({
      state,
      outbox,
      registers,
      cloud: { baseUrl: cloud.url, token, fetch },
      freeBytes: async () => 1,
      intervalMs: () => 60_000,
      clock: site.clock,
      random: () => 1,
      log: SILENT,
    });
    onCleanup(() => client.stop());
    return client;
  });

const HALF_ZIPPED = gzipSync(JSON.stringify({ v: 1, gen: 'g1' })).subarray(0, 20);

const EVENT = { type: 'hub.started', body: { version: 'a', bootId: '01890000-0000-7000-8000-000000000001' } } as const;

test('events go out at once, and are forgotten when the cloud has them', async ({ store, cloud, client }) => {
  client.start();
  await cloud.heard(1);
  const { id } = await store.outbox.enqueue(EVENT);
  await cloud.heard(2);
  expect(cloud.seen[1]?.request.logs).toMatchObject([{ lane: 0, first: 1, lastId: id, events: [EVENT] }]);
  expect(cloud.seen[1]?.headers.authorization).toBe('Bearer first');
  client.hint();
  await cloud.heard(3);
  expect(cloud.seen[2]?.request).toMatchObject({ logs: [], after: { 0: { seq: 1, id } } });
  expect(store.outbox.depth()).toBe(0);
});

test('ten events and more are zipped', async ({ store, cloud, client }) => {
  await Promise.all(Array.from({ length: 10 }, () => store.outbox.enqueue(EVENT)));
  client.start();
  await cloud.heard(1);
  expect(cloud.seen[0]?.headers['content-encoding']).toBe('gzip');
  expect(cloud.seen[0]?.request.logs[0]?.events).toHaveLength(10);
});

test('commands are in the inbox before the next request says so', async ({ store, cloud, client }) => {
  const command = aText({ downSeq: 1, displayId: aDisplay(store) });
  cloud.answer = (request) => {
    const down = request.downAcked === 0 ? [{ v: 1, broken: true }, command] : [];
    return { status: 200, body: { ...replyTo(request, { downNext: 2 }), down } };
  };
  client.start();
  await cloud.heard(2);
  expect(cloud.seen[1]?.request).toMatchObject({ downGen: 'g1', downAcked: 1 });
  expect(store.inbox.get(command.cmdId)?.state).toBe('NEW');
});

test('a cloud that is away is asked again, later and later, and loses nothing', async ({
  store,
  site,
  cloud,
  client,
}) => {
  await store.outbox.enqueue(EVENT);
  cloud.answer = () => ({ status: 500, body: {} });
  client.start();
  for (const [asked, waitMs] of [1000, 2000, 4000].entries()) {
    await cloud.heard(asked + 1);
    await expect.poll(() => site.clock.sleeping).toEqual([waitMs]);
    site.clock.advance(waitMs);
  }
  await cloud.heard(4);
  expect(store.outbox.depth()).toBe(1);
  expect(client.status()).toMatchObject({ failures: 3, lastError: 'sync.unreachable' });
});

test('the wait that a busy cloud asks for is kept, even if the link comes up', async ({ site, cloud, client }) => {
  const error = { code: 'busy', message: '', requestId: '', details: { retryMs: 7777 } };
  cloud.answer = () => ({ status: 503, body: { error } });
  client.start();
  await cloud.heard(1);
  await expect.poll(() => site.clock.sleeping).toEqual([7777]);
  client.linkUp();
  expect(site.clock.sleeping).toEqual([7777]);
  site.clock.advance(7777);
  await cloud.heard(2);
});

test('a link that comes up ends the back-off', async ({ site, cloud, client }) => {
  cloud.answer = () => ({ status: 500, body: {} });
  client.start();
  await cloud.heard(1);
  await expect.poll(() => site.clock.sleeping).toEqual([1000]);
  client.linkUp();
  await cloud.heard(2);
});

test('a fork begins a new epoch, in which each event says where it was', async ({ store, cloud, client }) => {
  await store.outbox.enqueue(EVENT);
  const { epoch } = store.outbox;
  cloud.answer = (request) => ({
    status: 200,
    body: replyTo(request, request.epoch === epoch ? { epochState: 'E_FORK', acks: {} } : {}),
  });
  client.start();
  await cloud.heard(2);
  expect(cloud.seen[1]?.request.epoch).not.toBe(epoch);
  expect(cloud.seen[1]?.request.logs[0]?.events[0]?.was).toEqual([{ epoch, lane: 0, seq: 1 }]);
});

test('a cloud that takes nothing is not asked without end', async ({ store, site, cloud, client }) => {
  await store.outbox.enqueue(EVENT);
  cloud.answer = (request) => ({ status: 200, body: replyTo(request, { acks: {} }) });
  client.start();
  await cloud.heard(1);
  await expect.poll(() => site.clock.sleeping).toEqual([1000]);
  expect(cloud.seen).toHaveLength(1);
});

test('a reply of a store that the cloud has left changes nothing', async ({ store, site, cloud, client }) => {
  await store.outbox.enqueue(EVENT);
  store.database.write(() => store.inbox.enterGen('g2'));
  client.start();
  await cloud.heard(1);
  await expect.poll(() => site.clock.sleeping).toEqual([1000]);
  expect(store.outbox.depth()).toBe(1);
});

test('a refused token is renewed once', async ({ cloud, client }) => {
  let asked = 0;
  cloud.answer = (request) => {
    asked += 1;
    return asked === 1 ? { status: 401, body: {} } : { status: 200, body: replyTo(request) };
  };
  client.start();
  await cloud.heard(2);
  expect(cloud.seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer first', 'Bearer second']);
});

// A cloned card: events that the other copy had delivered were taken for our own, and ours were lost.
test('an acknowledgement of what was never sent is a fork, also if the number was given meanwhile', async ({
  store,
  cloud,
  client,
}) => {
  await store.outbox.enqueue(EVENT);
  const { epoch, lane } = { epoch: store.outbox.epoch, lane: () => store.outbox.lane(0) };
  cloud.answer = (request) => {
    if (request.epoch !== epoch) return { status: 200, body: replyTo(request) };
    store.database.write(() => {
      store.outbox.append(EVENT);
      store.outbox.append(EVENT);
    });
    return { status: 200, body: replyTo(request, { acks: { 0: 3 } }) };
  };
  client.start();
  await cloud.heard(2);
  expect(cloud.seen[1]?.request.epoch).not.toBe(epoch);
  expect(cloud.seen[1]?.request.logs[0]?.events).toHaveLength(3);
  await expect.poll(() => lane().rows).toBe(0);
});

test('after a restored cloud the events go on, and its commands count anew', async ({ store, cloud, client }) => {
  await store.outbox.enqueue(EVENT);
  const displayId = aDisplay(store);
  cloud.answer = (request) => ({ status: 200, body: replyTo(request, { down: [aText({ downSeq: 1, displayId })] }) });
  client.start();
  await cloud.heard(2);
  cloud.answer = (request) => {
    const down = [aText({ downSeq: 1, displayId, gen: 'g2' })];
    return { status: 200, body: replyTo(request, { gen: 'g2', down, downNext: 2 }) };
  };
  await expect.poll(() => store.inbox.cursor()).toEqual({ gen: 'g1', downAcked: 1 });
  client.hint();
  await expect.poll(() => store.inbox.cursor()).toEqual({ gen: 'g2', downAcked: 1 });
  await expect.poll(() => store.outbox.depth()).toBe(0);
  expect(cloud.seen.at(-1)?.request.after[0]?.seq).toBeGreaterThan(1);
});

// What had been put into the inbox was acknowledged, and could not run: its presentation had found no room.
test('a command for which the outbox has no room is left with the cloud whole', async ({ store, cloud, client }) => {
  const filler = { type: 'hub.started', body: { version: 'x'.repeat(900_000), bootId: aDisplay(store) } } as const;
  store.database.write(() => {
    while (store.outbox.hasRoom()) store.outbox.append(filler);
  });
  const command = aText({ downSeq: 1, displayId: aDisplay(store) });
  cloud.answer = (request) => {
    const down = request.downAcked === 0 ? [command] : [];
    const acks = cloud.seen.length === 1 ? { acks: {} } : {};
    return { status: 200, body: replyTo(request, { down, downNext: 2, ...acks }) };
  };
  client.start();
  await cloud.heard(1);
  await expect.poll(() => client.status().failures).toBe(1);
  expect(store.inbox.get(command.cmdId)).toBeUndefined();
  expect(store.inbox.cursor().downAcked).toBe(0);
  client.linkUp();
  await expect.poll(() => store.inbox.get(command.cmdId)?.state).toBe('NEW');
  expect(store.presentations.get(command.body.presentationId)?.state).toBe('received');
});

test('a store that fails in the middle of a reply does not end the exchange', async ({
  store,
  site,
  cloud,
  client,
}) => {
  await store.outbox.enqueue(EVENT);
  store.database.prepare('ALTER TABLE lane RENAME TO lane_away').run();
  client.start();
  await expect.poll(() => site.clock.sleeping).toEqual([1000]);
  store.database.prepare('ALTER TABLE lane_away RENAME TO lane').run();
  site.clock.advance(1000);
  await cloud.heard(1);
  await expect.poll(() => store.outbox.depth()).toBe(0);
});

const LINK = { type: 'link.changed', body: { at: '2026-01-01T00:00:00.000Z', connected: true, reason: null } } as const;

test('what is not urgent waits a second for company', async ({ store, site, cloud, client }) => {
  client.start();
  await cloud.heard(1);
  await expect.poll(() => site.clock.sleeping).toEqual([60_000]);
  for (let event = 0; event < 3; event += 1) await store.outbox.enqueue(LINK);
  store.registers.set('health', { rows: 3 });
  await expect.poll(() => site.clock.sleeping).toEqual([1000]);
  expect(cloud.seen).toHaveLength(1);
  site.clock.advance(1000);
  await cloud.heard(2);
  expect(cloud.seen[1]?.request).toMatchObject({
    logs: [{ lane: 1, events: { length: 3 } }],
    regs: [{ key: 'health' }],
  });
  await expect.poll(() => site.clock.sleeping).toEqual([60_000]);
});

test('what is urgent, or fills a request, takes along what waits', async ({ store, site, cloud, client }) => {
  client.start();
  await cloud.heard(1);
  await expect.poll(() => site.clock.sleeping).toEqual([60_000]);
  await store.outbox.enqueue(LINK);
  await expect.poll(() => site.clock.sleeping).toEqual([1000]);
  await store.outbox.enqueue(EVENT);
  await cloud.heard(2);
  expect(cloud.seen[1]?.request.logs.map(({ lane }) => lane)).toEqual([0, 1]);
  await expect.poll(() => site.clock.sleeping).toEqual([60_000]);
  await Promise.all(Array.from({ length: 500 }, () => store.outbox.enqueue(LINK)));
  await cloud.heard(3);
  await expect.poll(() => store.outbox.depth()).toBe(0);
});

test('a value alone is told within a second', async ({ store, site, cloud, client }) => {
  client.start();
  await cloud.heard(1);
  await expect.poll(() => site.clock.sleeping).toEqual([60_000]);
  store.registers.set('health', { rows: 3 });
  await expect.poll(() => site.clock.sleeping).toEqual([1000]);
  site.clock.advance(1000);
  await cloud.heard(2);
  expect(cloud.seen[1]?.request).toMatchObject({ logs: [], regs: [{ key: 'health', body: { rows: 3 } }] });
  await expect.poll(() => store.registers.dirty(1)).toEqual([]);
});

const PROBLEM = {
  code: 'E_VERSION',
  message: 'Version 1 is not spoken here.',
  requestId: '',
  details: { supported: [2] },
};

// Anything may answer in place of the cloud: the sign-in page of a guest network, a proxy that is out of order.
test.for<[string, string, Answer]>([
  [
    'a page',
    'sync.unreachable',
    { status: 200, raw: '<html>Sign in</html>', headers: { 'content-type': 'text/html' } },
  ],
  ['a page that refuses', 'sync.unreachable', { status: 403, raw: '<html>Blocked</html>' }],
  ['a redirect', 'sync.unreachable', { status: 307, raw: '', headers: { location: '/sign-in' } }],
  [
    'half a zipped reply',
    'sync.unreachable',
    { status: 200, raw: HALF_ZIPPED, headers: { 'content-encoding': 'gzip' } },
  ],
  ['nothing', 'sync.unreachable', { status: 204, raw: '' }],
  ['a reply of another major', 'sync.unreachable', { status: 200, body: { v: 2 } }],
  [
    'a reply with a number too large',
    'sync.unreachable',
    { status: 200, raw: '{"v":1,"gen":"g1","acks":{"0":1e400}}' },
  ],
  ['a bad gateway', 'sync.unreachable', { status: 502, raw: 'bad gateway' }],
  ['a size limit', 'sync.too-large', { status: 413, raw: 'too large' }],
  ['a refusal of the cloud', 'sync.refused', { status: 403, body: { error: { ...PROBLEM, code: 'hub_blocked' } } }],
  ['another version', 'sync.version', { status: 400, body: { error: PROBLEM } }],
])(
  '%s in place of a reply is %s: the hub keeps what it has, takes more, and asks again',
  async ([, code, answer], { store, site, cloud, client }) => {
    await store.outbox.enqueue(EVENT);
    cloud.answer = () => answer;
    client.start();
    await cloud.heard(1);
    await expect.poll(() => site.clock.sleeping).toEqual([1000]);
    expect(cloud.seen).toHaveLength(1);
    expect(client.status()).toMatchObject({ lastError: code, failures: 1, nextTryMs: site.clock.now() + 1000 });
    await store.outbox.enqueue(EVENT);
    cloud.answer = (request) => ({ status: 200, body: replyTo(request) });
    site.clock.advance(1000);
    await cloud.heard(2);
    await expect.poll(() => store.outbox.depth()).toBe(0);
    expect(client.status()).toMatchObject({ lastError: undefined, failures: 0, nextTryMs: undefined });
    expect(client.status().outcomes).toEqual(
      new Map([
        [code, 1],
        ['ok', 1],
      ]),
    );
  },
);

test('a wait that nobody can mean is not kept', async ({ site, cloud, client }) => {
  cloud.answer = () => ({ status: 503, raw: '', headers: { 'retry-after': '99999999' } });
  client.start();
  await cloud.heard(1);
  await expect.poll(() => site.clock.sleeping).toEqual([3_600_000]);
});

test('hubs that come back are spread over the time that the cloud named', async ({ site, cloud, client }) => {
  cloud.answer = (request) => ({ status: 200, body: replyTo(request, { spreadMs: 5000 }) });
  client.start();
  await cloud.heard(1);
  cloud.answer = () => ({ status: 500, raw: '' });
  client.hint();
  await cloud.heard(2);
  await expect.poll(() => site.clock.sleeping).toEqual([1000]);
  client.linkUp();
  await expect.poll(() => site.clock.sleeping).toEqual([5000]);
  expect(cloud.seen).toHaveLength(2);
  cloud.answer = (request) => ({ status: 200, body: replyTo(request) });
  site.clock.advance(5000);
  await cloud.heard(3);
});

test('a fork that the cloud names again at once is not followed without end', async ({
  store,
  site,
  cloud,
  client,
}) => {
  await store.outbox.enqueue(EVENT);
  cloud.answer = (request) => ({ status: 200, body: replyTo(request, { epochState: 'E_FORK', acks: {} }) });
  client.start();
  await cloud.heard(2);
  await expect.poll(() => site.clock.sleeping).toEqual([1000]);
  expect(store.outbox.epoch).toBe(cloud.seen[1]?.request.epoch);
});

test('what a request leaves over, and is not urgent, goes a second later', async ({ store, site, cloud, client }) => {
  await Promise.all(Array.from({ length: 700 }, () => store.outbox.enqueue(LINK)));
  client.start();
  await cloud.heard(1);
  await expect.poll(() => site.clock.sleeping).toEqual([1000]);
  expect(store.outbox.depth()).toBe(200);
  site.clock.advance(1000);
  await cloud.heard(2);
  await expect.poll(() => store.outbox.depth()).toBe(0);
});

test('whoever takes half as much gets half as much', async ({ store, site, cloud, client }) => {
  await Promise.all(Array.from({ length: 400 }, () => store.outbox.enqueue(LINK)));
  cloud.answer = (request) =>
    (request.logs[0]?.events.length ?? 0) > 250
      ? { status: 413, raw: 'too large' }
      : { status: 200, body: replyTo(request) };
  client.start();
  await cloud.heard(1);
  await expect.poll(() => site.clock.sleeping).toEqual([1000]);
  site.clock.advance(1000);
  await expect.poll(() => store.outbox.depth()).toBe(150);
});
