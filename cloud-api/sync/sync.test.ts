import { gzipSync } from 'node:zlib';
import { sql } from 'drizzle-orm';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type SyncEvent, type SyncReply, SyncReplySchema, type SyncRequest } from '../../contract/index.js';
import { TestCloud, type TestPerson } from '../../test/support/cloud.js';
import { testEngines } from '../../test/support/cloud-databases.js';
import type { TestHub } from '../../test/support/cloud-devices.js';
import { newEpoch, SyncStore } from '../../test/support/sync-store.js';
import { queryRows } from '../database/database.js';

type Bound = TestHub & { hubId: string; displayId: string };

const SECOND_MS = 1000;
const LINK_DOWN = { at: '2026-03-01T07:00:00.000Z', connected: false };

describe.each(testEngines())('on $name', (engine) => {
  let cloud: TestCloud;
  let person: TestPerson;
  beforeAll(async () => {
    cloud = await TestCloud.start(engine);
    person = await cloud.signUp();
  });
  afterAll(() => cloud.close());

  const post = async (hub: TestHub, body: unknown) =>
    cloud.call('POST', '/v1/sync', { token: await hub.token(), body: z.record(z.string(), z.unknown()).parse(body) });
  const sync = async (hub: TestHub, request: SyncRequest): Promise<SyncReply> => {
    const { body } = await post(hub, request);
    return SyncReplySchema.parse(body);
  };
  const rows = (query: ReturnType<typeof sql>) =>
    cloud.context.db.inRole('app_system', null, (tx) => queryRows(tx, z.record(z.string(), z.unknown()), query));
  const eventsOf = async (hub: Bound) =>
    (
      await rows(sql`select seq::int, type, known from event where hub_id = ${hub.hubId} order by epoch, lane, seq`)
    ).map(Object.values);
  const statesOf = async (hub: Bound) =>
    (await rows(sql`select state from command where hub_id = ${hub.hubId} order by down_seq`)).map(
      ({ state }) => state,
    );
  const refresh = (hub: Bound) =>
    cloud.call('POST', `/api/v1/displays/${hub.displayId}/refresh`, { token: person.accessToken });
  const setUp = async () => ({ hub: await cloud.bindHub(person), store: new SyncStore() });

  test('events are stored once, in order, however often they come', async () => {
    const { hub, store } = await setUp();
    const events = [store.event(), store.event()];
    const request = store.request({ logs: [store.slice(1, events)] });
    expect((await sync(hub, request)).acks).toEqual({ 0: 2 });
    expect((await sync(hub, request)).acks).toEqual({ 0: 2 });
    const more = [...events, store.event()];
    expect((await sync(hub, store.request({ logs: [store.slice(1, more)] }))).acks).toEqual({ 0: 3 });
    expect(await eventsOf(hub)).toEqual([1, 2, 3].map((seq) => [seq, 'hub.started', true]));
    expect((await sync(hub, store.request())).acks).toEqual({ 0: 3 });
  });

  test('a hole refuses its lane and no other', async () => {
    const { hub, store } = await setUp();
    const logs = [store.slice(2, [store.event()]), store.slice(1, [store.event({ type: 'later' })], 1)];
    const reply = await sync(hub, store.request({ logs }));
    expect(reply.holes).toEqual([{ code: 'E_HOLE', lane: 0, hwm: 0 }]);
    expect(reply.acks).toEqual({ 1: 1 });
  });

  test('a gap covers what never comes', async () => {
    const { hub, store } = await setUp();
    const gap = { lane: 1, from: 1, to: 9, reason: 'quota', rows: 9, bytes: 900, firstAt: null, lastAt: null } as const;
    const logs = [store.slice(10, [store.event()], 1)];
    expect((await sync(hub, store.request({ gaps: [gap], logs }))).acks).toEqual({ 1: 10 });
    expect(await rows(sql`select from_seq::int, to_seq::int, reason from gap where hub_id = ${hub.hubId}`)).toEqual([
      { from_seq: 1, to_seq: 9, reason: 'quota' },
    ]);
  });

  test('what nobody can read is kept, named and does not hold up the lane', async () => {
    const { hub, store } = await setUp();
    const events = [
      store.event({ body: { version: 7 } }),
      { ...store.event(), wall: 'tomorrow' },
      { ...store.event(), id: undefined },
      store.event({ type: 'zero\u0000' }),
      store.event({ type: 'from.the.future', body: { text: 'zero \u0000 and half \ud800' } }),
      store.event({ tv: 2 }),
      store.event(),
    ];
    const reply = await sync(hub, store.request({ logs: [store.slice(1, events)] }));
    expect(reply.acks).toEqual({ 0: 7 });
    expect(reply.rejects).toEqual([
      { lane: 0, seq: 1, code: 'event.invalid-body' },
      { lane: 0, seq: 2, code: 'event.malformed' },
      { lane: 0, seq: 3, code: 'event.malformed' },
      { lane: 0, seq: 4, code: 'event.malformed' },
    ]);
    expect(await eventsOf(hub)).toEqual([
      [5, 'from.the.future', false],
      [6, 'hub.started', false],
      [7, 'hub.started', true],
    ]);
    expect(await rows(sql`select count(*)::int from dead where hub_id = ${hub.hubId}`)).toEqual([{ count: 4 }]);
  });

  test('a second copy of a store is told to fork, and changes nothing', async () => {
    const { hub, store } = await setUp();
    await sync(hub, store.request({ logs: [store.slice(1, [store.event()])] }));
    const reply = await sync(
      hub,
      store.request({ after: { 0: { seq: 1, id: v7() } }, logs: [store.slice(2, [store.event()])] }),
    );
    expect(reply).toMatchObject({ epochState: 'E_FORK', acks: {}, down: [] });
    expect(await eventsOf(hub)).toHaveLength(1);
  });

  test('a new epoch closes the one before, and what was moved from below its mark is not stored twice', async () => {
    const { hub, store } = await setUp();
    const [first, second] = [store.event(), store.event()];
    await sync(hub, store.request({ logs: [store.slice(1, [first])] }));
    const old = store.epoch;
    store.epoch = newEpoch();
    const moved = [first, second].map((event, index) => ({
      ...event,
      was: [{ epoch: old, lane: 0 as const, seq: index + 1 }],
    }));
    expect((await sync(hub, store.request({ logs: [store.slice(1, moved)] }))).acks).toEqual({ 0: 2 });
    expect(await rows(sql`select id from event where hub_id = ${hub.hubId} order by received_at, seq`)).toEqual([
      { id: first.id },
      { id: second.id },
    ]);
    store.epoch = old;
    const late = await sync(hub, store.request({ logs: [store.slice(2, [second])] }));
    expect(late).toMatchObject({ epochState: 'E_EPOCH_CLOSED', acks: {} });
    expect(await eventsOf(hub)).toHaveLength(2);
  });

  // What the second of two copies of a card had under numbers that the first had used too was never stored, nor named.
  test('what was moved from below the mark and is not what is there is stored', async () => {
    const { hub, store } = await setUp();
    const ofOne = [store.event(), { ...store.event({ type: 'link.changed' }), body: {} }];
    await sync(hub, store.request({ logs: [store.slice(1, ofOne)] }));
    const { id: _, ...nameless } = store.event();
    const bulk = { ...nameless, body: { ...LINK_DOWN, reason: 'of one copy' } };
    await sync(hub, store.request({ logs: [store.slice(1, [{ ...bulk, type: 'link.changed' }], 1)] }));
    const old = store.epoch;
    store.epoch = newEpoch();
    const from = (lane: 0 | 1, event: SyncEvent, seq: number) => ({ ...event, was: [{ epoch: old, lane, seq }] });
    const ofOther = [store.event(), store.event()];
    const otherBulk = { ...nameless, type: 'link.changed', body: { ...LINK_DOWN, reason: 'of the other' } };
    const moved = ofOther.map((event, index) => from(0, event, index + 1));
    const logs = [store.slice(1, moved), store.slice(1, [from(1, otherBulk, 1)], 1)];
    expect((await sync(hub, store.request({ logs }))).acks).toEqual({ 0: 2, 1: 1 });
    expect(
      await rows(sql`select lane, seq::int from event where hub_id = ${hub.hubId} and epoch = ${store.epoch}
      order by lane, seq`),
    ).toEqual([
      { lane: 0, seq: 1 },
      { lane: 0, seq: 2 },
      { lane: 1, seq: 1 },
    ]);
  });

  test('a store that came back from a dump notes what it lost and goes on', async () => {
    const { hub, store } = await setUp();
    const after = { 0: { seq: 7, id: v7() } };
    const reply = await sync(hub, store.request({ after, logs: [store.slice(8, [store.event()])] }));
    expect(reply).toMatchObject({ epochState: 'open', acks: { 0: 8 } });
    expect(await rows(sql`select from_seq::int, to_seq::int, reason from gap where hub_id = ${hub.hubId}`)).toEqual([
      { from_seq: 1, to_seq: 7, reason: 'cloud_rollback' },
    ]);
    expect(cloud.logged.join('')).toContain('this store lacks events that it acknowledged');
  });

  test('the newest value of a register stands, and every version is acknowledged', async () => {
    const { hub, store } = await setUp();
    const register = (ver: number, body: unknown) => ({ key: 'battery', ver, sup: 0, boot: store.boot, mono: 0, body });
    const send = (...regs: SyncRequest['regs']) => sync(hub, store.request({ regs }));
    expect((await send(register(2, 'two'))).regAcks).toEqual([['battery', 2]]);
    expect((await send(register(1, 'one'))).regAcks).toEqual([['battery', 1]]);
    expect(await rows(sql`select body from state where hub_id = ${hub.hubId}`)).toEqual([{ body: 'two' }]);
    store.epoch = newEpoch();
    await send(register(1, 'after a new card'));
    expect(await rows(sql`select body from state where hub_id = ${hub.hubId}`)).toEqual([{ body: 'after a new card' }]);
  });

  test('an event gets our time by its boot, and an interval where no clock can be trusted', async () => {
    const { hub, store } = await setUp();
    cloud.clock.nowMs += 600 * SECOND_MS;
    const nowMs = cloud.clock.nowMs;
    const elsewhere = store.event({ boot: v7() });
    const trusted = store.event({ boot: v7(), wq: 2, wall: new Date(nowMs - 200 * SECOND_MS).toISOString() });
    await sync(hub, store.request({ logs: [store.slice(1, [elsewhere, trusted, store.event()])] }));
    const [there, told, here] = await rows(
      sql`select extract(epoch from ts_lo)::float8 as lo, extract(epoch from ts_hi)::float8 as hi from event where hub_id = ${hub.hubId} order by seq`,
    );
    expect(there).toEqual({ lo: nowMs / 1000 - 600, hi: nowMs / 1000 - 60 + 0.032 });
    expect(told).toEqual({ lo: nowMs / 1000 - 210, hi: nowMs / 1000 - 190 });
    expect(here).toEqual({ lo: nowMs / 1000 - 210, hi: nowMs / 1000 - 10 + 0.007 });
  });

  test('times that no calendar has hold up nothing', async () => {
    const { hub, store } = await setUp();
    const never = '0000-01-01T00:00:00.000Z';
    const gap = { lane: 1, from: 1, to: 1, reason: 'ttl', rows: 1, bytes: 1, firstAt: never, lastAt: never } as const;
    const events = [
      store.event({ mono: 1e300 }),
      store.event({ boot: v7(), wq: 2, wall: never }),
      store.event({ boot: v7(), wq: 2, wall: '9999-12-31T23:59:59.000Z' }),
      store.event(),
    ];
    const logs = [store.slice(1, events), store.slice(2, [store.event({ type: 'later' })], 1)];
    expect((await sync(hub, store.request({ gaps: [gap], logs }))).acks).toEqual({ 0: 4, 1: 2 });
    expect((await sync(hub, store.request({ boot: v7(), monoNow: 1e300 }))).acks).toEqual({ 0: 4, 1: 2 });
    const { body } = await cloud.call('GET', `/api/v1/hubs/${hub.hubId}/events`, { token: person.accessToken });
    expect(z.object({ items: z.array(z.unknown()) }).parse(body).items).toHaveLength(5);
  });

  test('keys of registers that a text column cannot tell apart are dropped', async () => {
    const { hub, store } = await setUp();
    const regs = ['\ud800', '\ud801', 'battery'].map((key) => ({
      ...{ key, ver: 1, sup: 0, boot: store.boot, mono: 0, body: 1 },
    }));
    expect((await sync(hub, store.request({ regs }))).regAcks).toHaveLength(3);
    expect(await rows(sql`select key from state where hub_id = ${hub.hubId}`)).toEqual([{ key: 'battery' }]);
  });

  test('a command goes down, is received, and its result ends it', async () => {
    const { hub, store } = await setUp();
    await refresh(hub);
    const first = await sync(hub, store.request());
    expect(first.down.map((one) => ('kind' in one ? one.kind : one.tombstone))).toEqual([
      'superseded',
      'superseded',
      'bound',
      'refresh',
    ]);
    expect(await statesOf(hub)).toEqual(['SUPERSEDED', 'SUPERSEDED', 'OFFERED', 'OFFERED']);
    expect(first).toMatchObject({ downNext: 5, finalUpto: 0 });
    store.downGen = first.gen;
    store.downAcked = 4;
    expect(await sync(hub, store.request())).toMatchObject({ down: [], finalUpto: 2 });
    expect(await statesOf(hub)).toEqual(['SUPERSEDED', 'SUPERSEDED', 'RECEIVED', 'RECEIVED']);
    const results = [first.down[2], first.down[3]].map((one, index) =>
      store.event({
        type: 'cmd.result',
        body: {
          cmdId: one?.cmdId,
          kind: index === 0 ? 'bound' : 'refresh',
          state: index === 0 ? 'applied' : 'failed',
          code: index === 0 ? null : 'epd.busy-timeout',
          message: null,
        },
      }),
    );
    expect(await sync(hub, store.request({ logs: [store.slice(1, results)] }))).toMatchObject({ finalUpto: 4 });
    expect(await statesOf(hub)).toEqual(['SUPERSEDED', 'SUPERSEDED', 'APPLIED', 'FAILED']);
  });

  test('a newer command of a slot replaces one that has not arrived, and its place is kept by one line', async () => {
    const { hub, store } = await setUp();
    await refresh(hub);
    await refresh(hub);
    const { down } = await sync(hub, store.request());
    expect(down).toMatchObject([
      { downSeq: 1, tombstone: 'superseded' },
      { downSeq: 2, tombstone: 'superseded' },
      { downSeq: 3, kind: 'bound' },
      { downSeq: 4, tombstone: 'superseded' },
      { downSeq: 5, kind: 'refresh' },
    ]);
  });

  test('the results of another hub change nothing', async () => {
    const { hub } = await setUp();
    const thief = await setUp();
    await refresh(hub);
    const [row] = await rows(sql`select id from command where hub_id = ${hub.hubId} and kind = 'refresh'`);
    const body = { cmdId: row?.id, kind: 'refresh', state: 'applied', code: null, message: null };
    const logs = [thief.store.slice(1, [thief.store.event({ type: 'cmd.result', body })])];
    await sync(thief.hub, thief.store.request({ logs }));
    expect(await statesOf(hub)).toEqual(['SUPERSEDED', 'SUPERSEDED', 'QUEUED', 'QUEUED']);
  });

  test('what is past its deadline is not offered any more, and a result that still comes wins', async () => {
    const { hub, store } = await setUp();
    await cloud.call('POST', `/api/v1/displays/${hub.displayId}/identify`, { token: person.accessToken });
    const { gen, down } = await sync(hub, store.request());
    const cmdId = down.at(-1)?.cmdId;
    cloud.clock.nowMs += 301 * SECOND_MS;
    expect((await sync(hub, store.request())).down.at(-1)).toMatchObject({ cmdId, tombstone: 'expired' });
    expect((await statesOf(hub)).at(-1)).toBe('UNKNOWN');
    store.downGen = gen;
    const body = { cmdId, kind: 'identify', state: 'applied', code: null, message: null };
    await sync(hub, store.request({ logs: [store.slice(1, [store.event({ type: 'cmd.result', body })])] }));
    expect((await statesOf(hub)).at(-1)).toBe('APPLIED');
    person = await cloud.signUp();
  });

  test('a hub that lost its inbox gets what is still to do, and nothing twice that must not be repeated', async () => {
    const hub = await cloud.provision();
    await cloud.services.claimCodes.request(hub.thingName, v7());
    const store = new SyncStore();
    const { gen, down } = await sync(hub, store.request());
    expect(down).toMatchObject([{ kind: 'claim_code', downSeq: 1 }]);
    await sync(hub, store.request({ downGen: gen, downAcked: 1 }));
    const fresh = new SyncStore();
    expect((await sync(hub, fresh.request())).down).toMatchObject([{ downSeq: 1, tombstone: 'expired' }]);
  });

  test('a cursor of another incarnation says nothing', async () => {
    const { hub, store } = await setUp();
    const { down } = await sync(hub, store.request({ downGen: 'of-another-store', downAcked: 2 }));
    expect(down.map(({ downSeq }) => downSeq)).toEqual([1, 2, 3]);
    expect(await statesOf(hub)).toEqual(['SUPERSEDED', 'SUPERSEDED', 'OFFERED']);
  });

  test('a cursor beyond the last command is no licence for commands to come', async () => {
    const { hub, store } = await setUp();
    const { gen } = await sync(hub, store.request());
    await sync(hub, store.request({ downGen: gen, downAcked: 1_000_000 }));
    await refresh(hub);
    expect(await statesOf(hub)).toEqual(['SUPERSEDED', 'SUPERSEDED', 'OFFERED', 'QUEUED']);
    // It may have had as many before this store lost them: what comes next must not look like one of those.
    expect((await sync(hub, store.request({ downGen: gen, downAcked: 1_000_000 }))).down).toMatchObject([
      { kind: 'bound', downSeq: 1_000_001 },
      { kind: 'refresh', downSeq: 1_000_002 },
    ]);
  });

  test('an unknown major is answered with those that are spoken', async () => {
    const { hub, store } = await setUp();
    expect(await post(hub, { ...store.request(), v: 2 })).toMatchObject({
      status: 400,
      body: { error: { code: 'E_VERSION', details: { supported: [1] } } },
    });
  });

  test('a broken request is refused with path and reason', async () => {
    const { hub, store } = await setUp();
    const { status, body } = await post(hub, { ...store.request(), epoch: 'short' });
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { code: 'invalid_request', details: { fields: [{ path: 'epoch' }] } } });
  });

  test('a compressed request is read, one that inflates beyond the limit or is no gzip is refused', async () => {
    const { hub, store } = await setUp();
    const send = async (body: Buffer, encoding = 'gzip') => {
      const headers = { 'content-encoding': encoding, 'content-type': 'application/json' };
      return (await cloud.call('POST', '/v1/sync', { token: await hub.token(), body, headers })).status;
    };
    const request = JSON.stringify(store.request());
    expect(await send(gzipSync(request))).toBe(200);
    expect(await send(gzipSync(`${request.slice(0, -1)},"pad":"${' '.repeat(5 * 1024 * 1024)}"}`))).toBe(413);
    expect(await send(Buffer.from(request))).toBe(400);
    expect(await send(Buffer.from(request), 'br')).toBe(415);
  });

  test('only a fresh token of a live certificate and its own thing opens the sync', async () => {
    const { hub, store } = await setUp();
    const other = await cloud.provision();
    const nowMs = cloud.clock.nowMs;
    const status = async (token: string) =>
      (await cloud.call('POST', '/v1/sync', { token, body: store.request() })).status;
    expect(await status(await hub.token())).toBe(200);
    const bad = [
      await hub.token({ sub: other.thingName }),
      await hub.token({ kid: other.certificateId }),
      await hub.token({ aud: 'somebody-else' }),
      await hub.token({ lifeS: 3600 }),
      await hub.token({ nowMs: nowMs - 400 * SECOND_MS }),
      await hub.token({ kid: 'f'.repeat(64) }),
      'rubbish',
      person.accessToken,
    ];
    for (const token of bad) expect(await status(token)).toBe(401);
    const revoke = sql`update certificate set revoked_at = now() where id = ${hub.certificateId}`;
    await cloud.context.db.inRole('app_system', null, (tx) => tx.execute(revoke));
    expect(await status(await hub.token())).toBe(401);
  });
});
