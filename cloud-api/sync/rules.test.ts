import { sql } from 'drizzle-orm';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { SyncReply, SyncRequest } from '../../contract/index.js';
import { TestCloud, type TestPerson } from '../../test/support/cloud.js';
import { testEngines } from '../../test/support/cloud-databases.js';
import { stateOf } from '../../test/support/cloud-devices.js';
import { metricOf } from '../../test/support/metric.js';
import { newEpoch, SyncStore } from '../../test/support/sync-store.js';
import { asSystem, queryRows } from '../database/database.js';
import { readGeneration } from '../database/generation.js';
import { parseSyncInput } from './sync-input.js';

const MINUTE_MS = 60_000;
const NO_TIMES = { firstAt: null, lastAt: null };

describe.each(testEngines())('on $name', (engine) => {
  let cloud: TestCloud;
  let person: TestPerson;
  beforeAll(async () => {
    cloud = await TestCloud.start(engine);
    person = await cloud.signUp();
  });
  afterAll(() => cloud.close());

  async function setUp() {
    const hub = await cloud.bindHub(person);
    const { hubId, thingName, certificateId } = hub;
    const caller = { kind: 'hub', hubId, thingName, certificateId, householdId: person.householdId } as const;
    const send = (request: SyncRequest | Record<string, unknown>): Promise<SyncReply> =>
      cloud.services.sync.exchange(caller, parseSyncInput({ v: 1, ...request }));
    return { hub, hubId, send, store: new SyncStore() };
  }
  const rows = (query: ReturnType<typeof sql>) =>
    asSystem(cloud.context.db, (tx) => queryRows(tx, z.record(z.string(), z.unknown()), query));
  const gapsOf = (hubId: string, epoch: string) =>
    rows(sql`select lane, from_seq::int as "from", to_seq::int as "to", reason from gap
      where hub_id = ${hubId} and epoch = ${epoch} order by lane, from_seq`);
  const metric = (series: string) => metricOf(cloud.context.metrics, series);

  test('a gap that was moved into a new epoch is named once, and covers its numbers all the same', async () => {
    const { hubId, send, store } = await setUp();
    const gap = { lane: 1, from: 1, to: 6, reason: 'quota', rows: 6, bytes: 60, ...NO_TIMES } as const;
    await send(store.request({ gaps: [gap] }));
    const old = store.epoch;
    store.epoch = newEpoch();
    const moved = (from: number, to: number, was: number) => ({
      ...{ ...gap, from, to, rows: to - from + 1 },
      was: [{ epoch: old, lane: 1 as const, from: was, to: was + to - from }],
    });
    const gaps = [moved(1, 3, 2), moved(4, 6, 5), moved(7, 8, 8)];
    const logs = [store.slice(9, [store.event()], 1)];
    expect((await send(store.request({ gaps, logs }))).acks).toEqual({ 1: 9 });
    expect(await gapsOf(hubId, old)).toEqual([{ lane: 1, from: 1, to: 6, reason: 'quota' }]);
    expect(await gapsOf(hubId, store.epoch)).toEqual([
      { lane: 1, from: 6, to: 6, reason: 'quota' },
      { lane: 1, from: 7, to: 8, reason: 'quota' },
    ]);
  });

  test('what a store lost before its hub began a new epoch is named in the old one', async () => {
    const { hubId, send, store } = await setUp();
    await send(store.request({ logs: [store.slice(1, [store.event(), store.event()])] }));
    const old = store.epoch;
    store.epoch = newEpoch();
    const moved = [6, 7].map((seq) => store.event({ was: [{ epoch: old, lane: 0, seq }] }));
    expect((await send(store.request({ logs: [store.slice(1, moved)] }))).acks).toEqual({ 0: 2 });
    expect(await gapsOf(hubId, old)).toEqual([{ lane: 0, from: 3, to: 5, reason: 'cloud_rollback' }]);
    const marks = await rows(sql`select hwm::int from stream where hub_id = ${hubId} order by hwm`);
    expect(marks).toEqual([{ hwm: 2 }, { hwm: 5 }]);
    expect(
      await rows(sql`select seq::int from event where hub_id = ${hubId} order by received_at, epoch, seq`),
    ).toHaveLength(4);
  });

  test('nothing that a hub may send keeps its lane from going on', async () => {
    const { hubId, send, store } = await setUp();
    const deep = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
    const events: unknown[] = [
      null,
      [],
      { ...store.event(), tv: 2 ** 40 },
      store.event({ type: 'later', body: deep(50_000) }),
      store.event({ type: 'later', body: deep(50) }),
      store.event(),
    ];
    const logs = [{ lane: 0, first: 1, lastId: v7(), events }];
    const before = metric('inklet_sync_dead_total{reason="event.malformed"}');
    const reply = await send({ ...store.request(), logs });
    expect(reply.acks).toEqual({ 0: 6 });
    expect(reply.rejects.map(({ seq, code }) => [seq, code])).toEqual([
      [1, 'event.malformed'],
      [2, 'event.malformed'],
      [3, 'event.malformed'],
      [4, 'event.too-deep'],
    ]);
    expect(await rows(sql`select seq::int, raw from dead where hub_id = ${hubId} order by seq`)).toMatchObject([
      { seq: 1, raw: null },
      { seq: 2, raw: [] },
      { seq: 3, raw: { tv: 2 ** 40 } },
      { seq: 4, raw: null },
    ]);
    expect(metric('inklet_sync_dead_total{reason="event.malformed"}') - before).toBe(3);
  });

  test('registers that nobody can keep are acknowledged, and keep no other from being taken', async () => {
    const { hubId, send, store } = await setUp();
    const register = (key: string, body: unknown, sup = 0) => ({ key, ver: 1, sup, boot: store.boot, mono: 0, body });
    const deep: unknown = JSON.parse('['.repeat(20_000) + ']'.repeat(20_000));
    const regs = [register('deep', deep), register('state', { v: 1 }), register('many', 1, Number.MAX_SAFE_INTEGER)];
    const before = metric('inklet_sync_registers_refused_total');
    expect((await send(store.request({ regs: [...regs, register('zero \0', 1)] }))).regAcks).toHaveLength(4);
    expect(metric('inklet_sync_registers_refused_total') - before).toBe(2);
    expect(cloud.logged.join('')).toContain('registers of a hub cannot be kept');
    await send(store.request({ regs: [{ ...register('many', 2, Number.MAX_SAFE_INTEGER), ver: 2 }] }));
    const kept = await rows(
      sql`select key, body, superseded_total::text as total from state where hub_id = ${hubId} order by key`,
    );
    expect(kept).toMatchObject([
      { key: 'many', body: 2, total: String(Number.MAX_SAFE_INTEGER) },
      { key: 'state', body: { v: 1 } },
    ]);
    expect(cloud.logged.join('')).toContain('what a hub says of its displays cannot be taken');
  });

  test('what a hub says of its displays in its registers is taken as on MQTT, and an older word changes nothing', async () => {
    const { hub, hubId, send, store } = await setUp();
    const say = (ver: number, rev: number, name: string) => {
      const body = stateOf(hub, cloud.clock, [{ displayId: hub.displayId, name }], rev);
      return send(store.request({ regs: [{ key: 'state', ver, sup: 0, boot: store.boot, mono: 0, body }] }));
    };
    const nameOf = async () => (await rows(sql`select name from display where hub_id = ${hubId}`)).at(0)?.name;
    await say(1, 5, 'Hall');
    expect(await nameOf()).toBe('Hall');
    await say(2, 4, 'by a revision from before');
    await say(1, 6, 'by a version from before');
    expect(await nameOf()).toBe('Hall');
    await say(3, 7, 'Attic');
    expect(await nameOf()).toBe('Attic');
  });

  test('one hub among many that has more of this very incarnation tells of its own loss, a second proves a restore', async () => {
    const [one, other, late] = [await setUp(), await setUp(), await setUp()];
    const { gen } = await one.send(one.store.request({ logs: [one.store.slice(1, [one.store.event()])] }));
    const nowMs = cloud.clock.nowMs;
    const id = v7();
    const proof = (of: SyncStore, downGen: string) =>
      of.request({ after: { 0: { seq: 3, id } }, downGen, downAcked: 1 });
    cloud.clock.nowMs = Number(gen.slice(0, 15)) + 11 * MINUTE_MS;
    await other.send(other.store.request());
    await late.send(late.store.request());
    expect(await one.send(proof(one.store, gen))).toMatchObject({ gen, epochState: 'open', acks: { 0: 3 } });
    expect(await gapsOf(one.hubId, one.store.epoch)).toEqual([{ lane: 0, from: 2, to: 3, reason: 'cloud_rollback' }]);
    expect((await one.send({ ...proof(one.store, gen), after: { 0: { seq: 9, id } } })).gen).toBe(gen);
    cloud.clock.nowMs += 61 * MINUTE_MS;
    expect((await late.send(proof(late.store, gen))).gen).toBe(gen);
    const reply = await other.send(proof(other.store, gen));
    expect(reply.gen > gen).toBe(true);
    expect(reply).toMatchObject({ epochState: 'open', acks: { 0: 3 } });
    // It counts commands of another incarnation: what is not over is offered from the first on.
    expect(reply.down.map(({ downSeq }) => downSeq)).toEqual([1, 2, 3]);
    expect(cloud.logged.join('')).toContain('it has a new incarnation');
    for (const { send, store } of [one, other]) {
      const again = { after: { 0: { seq: 12, id } }, downGen: reply.gen };
      expect((await send(store.request(again))).gen).toBe(reply.gen);
    }
    expect(await asSystem(cloud.context.db, readGeneration)).toBe(reply.gen);
    cloud.clock.nowMs = nowMs;
  });

  test('clocks of earlier boots that were compared are believed, and a late copy of a request is not', async () => {
    const { hubId, send, store } = await setUp();
    const nowMs = cloud.clock.nowMs;
    const earlier = v7();
    const anchors = [{ boot: earlier, mono: 10_000, at: new Date(nowMs - 300_000).toISOString(), rttMs: 500 }];
    const events = [store.event({ boot: earlier, mono: 20_000 }), store.event()];
    const request = store.request({ anchors, logs: [store.slice(1, events)] });
    await send(request);
    const times = () =>
      rows(sql`select (extract(epoch from ts_lo) * 1000 - ${nowMs})::int as lo, (extract(epoch from ts_hi) * 1000 - ${nowMs})::int as hi
        from event where hub_id = ${hubId} order by seq`);
    expect(await times()).toEqual([
      { lo: -290_500, hi: -289_500 },
      { lo: -10_000, hi: -10_000 },
    ]);
    cloud.clock.nowMs += 5000;
    await send(store.request({ monoNow: 65_000 }));
    cloud.clock.nowMs += 600_000;
    await send(store.request({ logs: [store.slice(1, [...events, store.event()])] }));
    expect((await times()).at(2)).toEqual({ lo: -10_000, hi: -10_000 });
  });

  test('holes, forks and gaps are counted', async () => {
    const { send, store } = await setUp();
    const counts = () =>
      ['holes_total{lane="2"}', 'forks_total', 'gaps_total{reason="thin"}', 'gap_events_total{reason="thin"}'].map(
        (name) => metric(`inklet_sync_${name}`),
      );
    const before = await counts();
    const gap = { lane: 1, from: 1, to: 4, reason: 'thin', rows: 4, bytes: 4, ...NO_TIMES } as const;
    await send(
      store.request({ gaps: [gap], logs: [store.slice(1, [store.event()]), store.slice(5, [store.event()], 2)] }),
    );
    await send(store.request({ after: { 0: { seq: 1, id: v7() } } }));
    expect(counts().map((value, index) => value - (before[index] ?? 0))).toEqual([1, 1, 1, 4]);
  });
});
