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

  test('a gap that was moved is named where another copy of the card had stored events, unless they may be its own', async () => {
    const { hubId, send, store } = await setUp();
    const quota = (from: number, to: number) => {
      return { lane: 1, from, to, reason: 'quota', rows: to - from + 1, bytes: 60, ...NO_TIMES } as const;
    };
    const old = store.epoch;
    await send(store.request({ logs: [store.slice(1, [store.event(), store.event()], 1)], gaps: [quota(3, 4)] }));
    store.epoch = newEpoch();
    const moved = { ...quota(1, 4), was: [{ epoch: old, lane: 1 as const, from: 1, to: 4 }] };
    expect((await send(store.request({ gaps: [moved] }))).acks).toEqual({ 1: 4 });
    expect(await gapsOf(hubId, store.epoch)).toEqual([{ lane: 1, from: 1, to: 2, reason: 'quota' }]);
    store.epoch = newEpoch();
    await send(store.request({ gaps: [{ ...moved, reason: 'corrupt' }] }));
    expect(await gapsOf(hubId, store.epoch)).toEqual([]);
  });

  test('an event that was moved is stored where another copy of the card had dropped its own', async () => {
    const { hubId, send, store } = await setUp();
    const gap = { lane: 1, from: 1, to: 2, reason: 'quota', rows: 2, bytes: 60, ...NO_TIMES } as const;
    const known = store.event();
    await send(store.request({ gaps: [gap], logs: [store.slice(3, [known], 1)] }));
    const old = store.epoch;
    store.epoch = newEpoch();
    const was = (seq: number) => ({ was: [{ epoch: old, lane: 1 as const, seq }] });
    const events = [store.event(was(2)), { ...known, ...was(3) }, store.event(was(4))];
    expect((await send(store.request({ logs: [store.slice(1, events, 1)] }))).acks).toEqual({ 1: 3 });
    expect(
      await rows(sql`select seq::int from event where hub_id = ${hubId} and epoch = ${store.epoch} order by seq`),
    ).toEqual([{ seq: 1 }, { seq: 3 }]);
  });

  test('a request that is late is not of an epoch that its hub has told to have left', async () => {
    const { hubId, send, store } = await setUp();
    const [first, between, last] = [store.epoch, newEpoch(), newEpoch()];
    await send(store.request({ logs: [store.slice(1, [store.event()])] }));
    const was = [{ epoch: between, lane: 0 as const, seq: 1 }];
    const moved = store.request({ epoch: last, logs: [store.slice(1, [store.event({ was })])] });
    expect((await send(moved)).epochState).toBe('open');
    const late = store.request({ epoch: between, logs: [store.slice(1, [store.event()])] });
    expect((await send(late)).epochState).toBe('E_EPOCH_CLOSED');
    expect((await send(moved)).acks).toEqual({ 0: 1 });
    // Also one of which the hub tells later than of the one that is open.
    const gone = newEpoch();
    await send({ ...moved, logs: [store.slice(2, [store.event({ was: [{ epoch: gone, lane: 0, seq: 1 }] })])] });
    expect((await send({ ...late, epoch: gone })).epochState).toBe('E_EPOCH_CLOSED');
    const epochs = await rows(
      sql`select epoch, closed_at is null as open from hub_epoch where hub_id = ${hubId} order by ord`,
    );
    expect(epochs).toEqual([
      { epoch: first, open: false },
      { epoch: between, open: false },
      { epoch: last, open: true },
      { epoch: gone, open: false },
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

  test('what a store lost of epochs that its hub has left is named there once, also if nothing moves', async () => {
    const { hubId, send, store } = await setUp();
    await send(store.request({ logs: [store.slice(1, [store.event(), store.event()])] }));
    const [old, between] = [store.epoch, newEpoch()];
    store.epoch = newEpoch();
    const left = [
      { epoch: old, after: { 0: 5, 1: 1 } },
      { epoch: between, after: { 0: 3 } },
    ];
    const was = [{ epoch: old, lane: 0 as const, seq: 6 }];
    const request = store.request({ left, logs: [store.slice(1, [store.event({ was })])] });
    expect((await send(request)).acks).toEqual({ 0: 1 });
    expect((await send(request)).acks).toEqual({ 0: 1 });
    const lost = { reason: 'cloud_rollback' };
    expect(await gapsOf(hubId, old)).toEqual([
      { lane: 0, from: 3, to: 5, ...lost },
      { lane: 1, from: 1, to: 1, ...lost },
    ]);
    expect(await gapsOf(hubId, between)).toEqual([{ lane: 0, from: 1, to: 3, ...lost }]);
    const late = { ...store.request({ logs: [store.slice(1, [store.event()])] }), epoch: between };
    expect((await send(late)).epochState).toBe('E_EPOCH_CLOSED');
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

  test('values that were overwritten before they came are counted once, also where an acknowledgement was lost', async () => {
    const { hubId, send, store } = await setUp();
    const say = async (ver: number, sup: number) => {
      await send(store.request({ regs: [{ key: 'many', ver, sup, boot: store.boot, mono: 0, body: ver }] }));
      const [kept] = await rows(sql`select superseded_total::int as total from state where hub_id = ${hubId}`);
      return kept?.total;
    };
    expect(await say(3, 2)).toBe(2);
    // Nobody heard that version 3 had come, nor that 6 had.
    expect(await say(6, 5)).toBe(4);
    expect(await say(7, 6)).toBe(4);
    expect(await say(9, 1)).toBe(5);
    store.epoch = newEpoch();
    expect(await say(2, 1)).toBe(6);
    expect(await say(4, 3)).toBe(7);
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

  test('what clocks showed when they were compared bounds the time of events, and a late copy of a request does not', async () => {
    const { hubId, send, store } = await setUp();
    const nowMs = cloud.clock.nowMs;
    const earlier = v7();
    const compared = (boot: string, mono: number, agoMs: number, rttMs: number) => {
      return { boot, mono, at: new Date(nowMs - agoMs).toISOString(), rttMs };
    };
    const anchors = [compared(earlier, 20_000, 290_000, 500), compared(store.boot, 50_000, 9_000, 1_500)];
    const events = [store.event({ boot: earlier, mono: 20_000 }), store.event()];
    await send(store.request({ anchors, logs: [store.slice(1, events)] }));
    const times = () =>
      rows(sql`select (extract(epoch from ts_lo) * 1000 - ${nowMs})::int as lo, (extract(epoch from ts_hi) * 1000 - ${nowMs})::int as hi
        from event where hub_id = ${hubId} order by seq`);
    const here = { lo: -10_502, hi: -10_000 + 7 };
    expect(await times()).toEqual([{ lo: -290_502, hi: -290_000 + 2 }, here]);
    // Late ones, of which one brings an event: what was known before holds.
    cloud.clock.nowMs += 5000;
    await send(store.request({ monoNow: 65_000 }));
    cloud.clock.nowMs += 600_000;
    await send(store.request({ monoNow: 66_000 }));
    await send(store.request({ logs: [store.slice(1, [...events, store.event()])] }));
    expect((await times()).at(2)).toEqual({ ...here, hi: -10_000 + 10 });
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
