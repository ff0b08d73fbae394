import { sql } from 'drizzle-orm';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { TestCloud } from '../../test/support/cloud.js';
import { testEngines } from '../../test/support/cloud-databases.js';
import { StandingClock } from '../../test/support/cloud-devices.js';
import { SyncStore } from '../../test/support/sync-store.js';
import { choresOf } from '../chores.js';
import { asSystem, type Database, queryRows } from '../database/database.js';
import { listMigrations, migrate } from '../database/migrate.js';
import { dropEventDays, makeEventDays } from './event-days.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const PartSchema = z.object({ part: z.string(), seq: z.number() }).transform(({ part, seq }) => [part, seq]);

describe.each(testEngines())('on $name', (engine) => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await TestCloud.start(engine);
  });
  afterAll(() => cloud.close());

  const partsOf = (hubId: string) =>
    asSystem(cloud.context.db, (tx) =>
      queryRows(
        tx,
        PartSchema,
        sql`select tableoid::regclass::text as part, seq::int from event where hub_id = ${hubId} order by seq`,
      ),
    );
  async function setUp() {
    const person = await cloud.signUp();
    const { hubId, thingName, certificateId } = await cloud.bindHub(person);
    const caller = { kind: 'hub', hubId, thingName, certificateId, householdId: person.householdId } as const;
    const store = new SyncStore();
    let first = 1;
    const send = async () => {
      const logs = [store.slice(first, [store.event()])];
      first += 1;
      await cloud.services.sync.exchange(caller, store.request({ logs }));
    };
    return { hubId, person, store, caller, send };
  }

  test('an event that comes before its day is made waits, moves there later, and stays what it was', async () => {
    const { hubId, person, send } = await setUp();
    await send();
    expect(await partsOf(hubId)).toEqual([['event_rest', 1]]);
    await makeEventDays(cloud.context);
    await makeEventDays(cloud.context);
    expect(await partsOf(hubId)).toEqual([['event_20260301', 1]]);
    cloud.clock.nowMs += DAY_MS;
    await send();
    cloud.clock.nowMs += 30 * DAY_MS;
    await send();
    expect(await partsOf(hubId)).toEqual([
      ['event_20260301', 1],
      ['event_20260302', 2],
      ['event_rest', 3],
    ]);
    const { accessToken: token } = await cloud.signUp();
    expect((await cloud.call('GET', `/api/v1/hubs/${hubId}/events`, { token })).status).toBe(404);
    const logIn = { email: person.email, password: 'correct horse battery' };
    const { body } = await cloud.call('POST', '/auth/log-in', { body: logIn });
    const { accessToken } = z.object({ accessToken: z.string() }).parse(body);
    const own = await cloud.call('GET', `/api/v1/hubs/${hubId}/events?limit=2`, { token: accessToken });
    expect(own.body).toMatchObject({ items: [{ seq: 2 }, { seq: 3 }] });
  });

  test('a day that has been kept long enough goes as a whole, and no other', async () => {
    const { hubId, send } = await setUp();
    await send();
    await makeEventDays(cloud.context);
    cloud.clock.nowMs += DAY_MS;
    await send();
    await makeEventDays(cloud.context);
    const [[first], [second]] = z
      .tuple([z.tuple([z.string(), z.number()]), z.tuple([z.string(), z.number()])])
      .parse(await partsOf(hubId));
    cloud.clock.nowMs += 399 * DAY_MS;
    expect(await dropEventDays(cloud.context, 400)).not.toContain(first);
    cloud.clock.nowMs += DAY_MS;
    const dropped = await dropEventDays(cloud.context, 400);
    expect(dropped).toContain(first);
    expect(dropped).not.toContain(second);
    expect(await partsOf(hubId)).toEqual([[second, 2]]);
  });

  test('gaps, dead letters and pairs of clocks are forgotten with the events of their time, and marks never', async () => {
    const { hubId, store, caller } = await setUp();
    const gap = { lane: 1, from: 1, to: 3, reason: 'ttl', rows: 3, bytes: 3, firstAt: null, lastAt: null } as const;
    const logs = [store.slice(1, [store.event({ body: 'nobody reads it' })])];
    await cloud.services.sync.exchange(caller, store.request({ logs, gaps: [gap] }));
    const counts = () =>
      asSystem(cloud.context.db, (tx) =>
        queryRows(
          tx,
          z.unknown(),
          sql`select (select count(*) from gap where hub_id = ${hubId})::int as gaps,
                (select count(*) from dead where hub_id = ${hubId})::int as dead,
                (select count(*) from hub_boot where hub_id = ${hubId})::int as boots,
                (select sum(hwm) from stream where hub_id = ${hubId})::int as marks`,
        ),
      );
    const chore = choresOf(cloud.services, { eventRetentionDays: 10 }).find(({ name }) => name === 'event-days');
    cloud.clock.nowMs += 10 * DAY_MS;
    await chore?.run();
    expect(await counts()).toEqual([{ gaps: 1, dead: 1, boots: 1, marks: 4 }]);
    cloud.clock.nowMs += 1;
    await chore?.run();
    expect(await counts()).toEqual([{ gaps: 0, dead: 0, boots: 0, marks: 4 }]);
    expect((await cloud.services.sync.exchange(caller, store.request({ logs }))).acks).toEqual({ 0: 1, 1: 3 });
    expect(await counts()).toMatchObject([{ gaps: 0, dead: 0 }]);
  });

  test('what an older build has stored is kept as one part, which goes with its last day', async () => {
    const old = await engine.open(listMigrations().filter(({ name }) => name < '0010'));
    const hubId = v7();
    await asSystem(old.db, async (tx) => {
      await tx.execute(sql`insert into hardware (hw_id, tag_uid, key_id, model, batch, state, created_at, updated_at)
        values ('h', '', 1, 1, 1, 'PROVISIONED', now(), now())`);
      await tx.execute(sql`insert into hub (id, thing_name, hw_id, created_at) values (${hubId}, 't', 'h', now())`);
    });
    const add = (seq: number, at: string) =>
      asSystem(old.db, (tx) =>
        tx.execute(sql`insert into event (hub_id, epoch, lane, seq, type, tv, known, ts_lo, ts_hi, received_at, body)
          values (${hubId}, 'e', 0, ${seq}, 't', 1, true, now(), now(), ${at}::timestamptz, '{"n":1}')`),
      );
    await add(1, '2025-02-27T23:00:00Z');
    await add(2, '2026-02-28T10:00:00Z');
    await migrate(old.db, listMigrations());
    await add(3, '2026-02-28T23:59:59.999Z');
    const days = { db: old.db, clock: new StandingClock() };
    await makeEventDays(days);
    await add(4, '2026-03-01T00:00:00Z');
    const parts = () =>
      asSystem(old.db, (tx) =>
        queryRows(tx, PartSchema, sql`select tableoid::regclass::text as part, seq::int from event order by seq`),
      );
    expect(await parts()).toEqual([
      ['event_20260228', 1],
      ['event_20260228', 2],
      ['event_20260228', 3],
      ['event_20260301', 4],
    ]);
    expect(await openParts(old.db)).toEqual([]);
    days.clock.nowMs = Date.UTC(2026, 2, 11);
    expect(await dropEventDays(days, 10)).toEqual(['event_20260228']);
    expect(await parts()).toEqual([['event_20260301', 4]]);
    await old.close();
  });

  test('partitions have row-level security of their own', async () => {
    await makeEventDays(cloud.context);
    expect(await openParts(cloud.context.db)).toEqual([]);
  });
});

/** Partitions that somebody could read by their own names. */
function openParts(db: Database): Promise<unknown[]> {
  return db.asOwner((tx) =>
    queryRows(
      tx,
      z.unknown(),
      sql`select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
          where i.inhparent = 'event'::regclass and (not (c.relrowsecurity and c.relforcerowsecurity)
            or has_table_privilege('app_user', c.oid, 'select') or has_table_privilege('app_system', c.oid, 'select'))`,
    ),
  );
}
