import { sql } from 'drizzle-orm';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { TestCloud, type TestPerson } from '../../test/support/cloud.js';
import { testEngines } from '../../test/support/cloud-databases.js';
import { SyncStore } from '../../test/support/sync-store.js';
import type { HubCaller } from '../auth/principal.js';
import { asSystem, Database, queryRows } from '../database/database.js';
import { makeEventDays } from './event-days.js';
import { Sync } from './sync.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const CountSchema = z.object({ count: z.number() });

describe.each(testEngines())('on $name', (engine) => {
  let cloud: TestCloud;
  let person: TestPerson;
  beforeAll(async () => {
    cloud = await TestCloud.start(engine);
    person = await cloud.signUp();
  });
  afterAll(() => cloud.close());

  type Bound = { caller: HubCaller; store: SyncStore };
  async function setUp(): Promise<Bound> {
    const { hubId, thingName, certificateId } = await cloud.bindHub(person);
    const { householdId } = person;
    return { caller: { kind: 'hub', hubId, thingName, certificateId, householdId }, store: new SyncStore() };
  }
  const partsOf = ({ services: { delivery, localBindings, hubs: states, publicApi } }: TestCloud) => {
    const { presentations } = publicApi;
    return { delivery, localBindings, states, presentations };
  };
  const countOf = async (query: ReturnType<typeof sql>) =>
    (await asSystem(cloud.context.db, (tx) => queryRows(tx, CountSchema, query))).at(0)?.count;
  const eventsOf = ({ caller }: Bound) => countOf(sql`select count(*)::int from event where hub_id = ${caller.hubId}`);
  const metric = (series: string) =>
    Number(
      cloud.context.metrics
        .render()
        .split('\n')
        .find((line) => line.startsWith(`${series} `))
        ?.split(' ')[1] ?? 0,
    );
  const told = ({ store }: Bound, count = 1) =>
    store.request({
      logs: [
        store.slice(
          1,
          Array.from({ length: count }, () => store.event()),
        ),
      ],
    });

  test('what many hubs ask at once is committed once, and each gets its own answer', async () => {
    const hubs = await Promise.all([1, 2, 3, 4].map(setUp));
    const before = metric('inklet_sync_batches_total');
    const replies = await Promise.all(
      hubs.map((hub, index) => cloud.services.sync.exchange(hub.caller, told(hub, index + 1))),
    );
    expect(replies.map(({ acks }) => acks)).toEqual([{ 0: 1 }, { 0: 2 }, { 0: 3 }, { 0: 4 }]);
    expect(await Promise.all(hubs.map(eventsOf))).toEqual([1, 2, 3, 4]);
    expect(metric('inklet_sync_batches_total') - before).toBe(1);
    expect(metric('inklet_sync_batch_requests_bucket{le="4"}')).toBeGreaterThan(
      metric('inklet_sync_batch_requests_bucket{le="2"}'),
    );
    expect(metric('inklet_sync_events_total{lane="0"}')).toBeGreaterThanOrEqual(10);
  });

  test('one hub that is gone and one request that makes us stumble keep nobody else from an answer', async () => {
    const [good, gone, bad] = await Promise.all([setUp(), setUp(), setUp()]);
    const applyPresentationEvent = async () => {
      throw new TypeError('a fault of ours');
    };
    const nothing = async () => {};
    const presentations = { applyPresentationEvent, commandsChanged: nothing, displaysReleased: nothing };
    const sync = new Sync(cloud.context, { ...partsOf(cloud), presentations });
    const body = { presentationId: v7(), displayId: v7(), cmdId: null, origin: 'local', at: '2026-03-01T07:00:00Z' };
    const news = bad.store.event({ type: 'presentation.received', body });
    const results = await Promise.allSettled([
      sync.exchange(bad.caller, bad.store.request({ logs: [bad.store.slice(1, [news])] })),
      sync.exchange({ ...gone.caller, hubId: v7() }, told(gone)),
      sync.exchange(good.caller, told(good)),
    ]);
    expect(results).toMatchObject([
      { status: 'rejected', reason: { message: 'a fault of ours' } },
      { status: 'rejected', reason: { code: 'hub_not_found' } },
      { status: 'fulfilled', value: { acks: { 0: 1 } } },
    ]);
    expect([await eventsOf(bad), await eventsOf(good)]).toEqual([0, 1]);
  });

  test('a request that comes twice at once, to several services, on two days, is stored once', async () => {
    const hub = await setUp();
    await makeEventDays(cloud.context);
    const other = new Sync(cloud.context, partsOf(cloud));
    const request = told(hub, 3);
    const all = await Promise.all(
      [cloud.services.sync, other, cloud.services.sync, other].map((sync) => sync.exchange(hub.caller, request)),
    );
    cloud.clock.nowMs += DAY_MS;
    all.push(await other.exchange(hub.caller, request));
    expect(all.map(({ acks }) => acks)).toEqual(all.map(() => ({ 0: 3 })));
    expect(await eventsOf(hub)).toBe(3);
    expect(await countOf(sql`select count(distinct tableoid)::int from event where hub_id = ${hub.caller.hubId}`)).toBe(
      1,
    );
    cloud.clock.nowMs -= DAY_MS;
  });

  test('a batch that cannot commit is acknowledged to nobody, and hubs are told when to come again', async () => {
    const hubs = await Promise.all([setUp(), setUp()]);
    let isAway = true;
    const db = new Database({
      engine: engine.name === 'PGlite' ? 'pglite' : 'postgresql',
      transaction: (fn) =>
        cloud.context.db.asOwner(async (tx) => {
          const value = await fn(tx);
          if (isAway) await tx.execute(sql`do $$ begin raise exception 'away' using errcode = '57P01'; end $$`);
          return value;
        }),
      script: async () => {},
      close: async () => {},
    });
    const sync = new Sync({ ...cloud.context, db }, partsOf(cloud));
    const ask = () => Promise.allSettled(hubs.map((hub) => sync.exchange(hub.caller, told(hub))));
    const refused = { code: 'processing_unavailable', details: { retryMs: 5000, retryAfterS: 5 } };
    expect(await ask()).toMatchObject([{ reason: refused }, { reason: refused }]);
    expect(await Promise.all(hubs.map(eventsOf))).toEqual([0, 0]);
    isAway = false;
    expect(await ask()).toMatchObject([{ status: 'fulfilled' }, { status: 'fulfilled' }]);
  });

  test('who stops finishes what it took, and takes no more', async () => {
    const hubs = await Promise.all([setUp(), setUp()]);
    const sync = new Sync(cloud.context, partsOf(cloud));
    const taken = hubs.map((hub) => sync.exchange(hub.caller, told(hub)));
    await sync.stop();
    expect(await Promise.all(hubs.map(eventsOf))).toEqual([1, 1]);
    expect((await Promise.all(taken)).map(({ acks }) => acks)).toEqual([{ 0: 1 }, { 0: 1 }]);
    const [first] = hubs;
    if (first === undefined) throw new RangeError('no hub');
    await expect(sync.exchange(first.caller, told(first))).rejects.toMatchObject({ code: 'processing_unavailable' });
  });

  test('with more waiting than one batch takes, hubs are asked to come back spread out', async () => {
    const hub = await setUp();
    const crowd = Array.from({ length: 80 }, () => cloud.services.sync.exchange(hub.caller, hub.store.request()));
    const replies = await Promise.all(crowd);
    expect(replies.at(0)?.spreadMs).toBeGreaterThan(0);
    expect(replies.at(-1)?.spreadMs).toBeNull();
  });

  // The embedded database has one session: nobody else can hold a hub there.
  if (engine.name === 'PostgreSQL') {
    test('a hub that somebody holds keeps no other from an answer', async () => {
      const [held, free, third] = await Promise.all([setUp(), setUp(), setUp()]);
      let letGo = () => {};
      let isHeld = () => {};
      const heldNow = new Promise<void>((resolve) => {
        isHeld = resolve;
      });
      const holding = asSystem(cloud.context.db, async (tx) => {
        await tx.execute(sql`select 1 from hub where id = ${held.caller.hubId} for update`);
        await new Promise<void>((resolve) => {
          letGo = resolve;
          isHeld();
        });
      });
      await heldNow;
      let answered: unknown;
      const late = cloud.services.sync.exchange(held.caller, told(held)).then(({ acks }) => {
        answered = acks;
      });
      const others = [free, third].map((hub) => cloud.services.sync.exchange(hub.caller, told(hub)));
      expect((await Promise.all(others)).map(({ acks }) => acks)).toEqual([{ 0: 1 }, { 0: 1 }]);
      expect(answered).toBeUndefined();
      letGo();
      await Promise.all([holding, late]);
      expect(answered).toEqual({ 0: 1 });
    });
  }
});
