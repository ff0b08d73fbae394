import { sql } from 'drizzle-orm';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { TestCloud } from '../../test/support/cloud.js';
import { testEngines } from '../../test/support/cloud-databases.js';
import { newEpoch, SyncStore } from '../../test/support/sync-store.js';
import { asSystem, queryRows } from '../database/database.js';
import { makeEventDays } from './event-days.js';
import { placeKey } from './held-events.js';
import { readHeld } from './read-held.js';
import { parseSyncInput } from './sync-input.js';
import { streamKey } from './visit.js';

const EVENTS = 20_000;

describe.each(testEngines())('on $name', (engine) => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await TestCloud.start(engine);
  });
  afterAll(() => cloud.close());

  const rows = (query: ReturnType<typeof sql>) => asSystem(cloud.context.db, (tx) => queryRows(tx, z.unknown(), query));

  // Seen as: a hub that was refused for ever, since the database reads no field with a zero character out of JSON.
  test('letters that nobody could read are known again when they are moved, whatever stands in them', async () => {
    const { hubId, thingName, certificateId } = await cloud.bindHub(await cloud.signUp());
    const caller = { kind: 'hub', hubId, thingName, certificateId, householdId: null } as const;
    const store = new SyncStore();
    const events = [
      store.event({ type: 'zero\u0000' }),
      store.event({ body: { version: 7, text: 'zero \u0000' } }),
      { ...store.event({ type: 'zero \u0000' }), id: undefined },
      store.event(),
    ];
    const send = (moved: object[]) => {
      const logs = [{ lane: 0, first: 1, lastId: events.at(-1)?.id, events: moved }];
      return cloud.services.sync.exchange(caller, parseSyncInput({ ...store.request(), logs }));
    };
    expect((await send(events)).acks).toEqual({ 0: 4 });
    const old = store.epoch;
    store.epoch = newEpoch();
    const moved = events.map((event, index) => ({ ...event, was: [{ epoch: old, lane: 0, seq: index + 1 }] }));
    expect(await send(moved)).toMatchObject({ acks: { 0: 4 }, rejects: [] });
    expect(
      await rows(sql`select (select count(*) from dead where hub_id = ${hubId})::int as dead,
        (select count(*) from event where hub_id = ${hubId})::int as events`),
    ).toEqual([{ dead: 3, events: 1 }]);
  });

  test('a place is found by its index, and only where its stream is closed and that far', async () => {
    await makeEventDays(cloud.context);
    const [hubId, epoch] = [v7(), newEpoch()];
    const at = new Date(cloud.clock.nowMs).toISOString();
    await rows(sql`insert into event (hub_id, epoch, lane, seq, type, tv, known, ts_lo, ts_hi, received_at)
      select ${hubId}, ${epoch}, 1, n, 'later', 1, false, now(), now(), ${at} from generate_series(1, ${EVENTS}::int) n`);
    await cloud.context.db.asOwner((tx) => tx.execute(sql`analyze event`));
    const store = new SyncStore();
    const moved = [5, EVENTS, EVENTS + 1].map((seq) => store.event({ was: [{ epoch, lane: 1, seq }] }));
    const input = parseSyncInput({ ...store.request({ logs: [store.slice(1, moved, 1)] }) });
    const mark = { hwm: EVENTS - 1, hwmId: null, lastBoot: null, lastLo: null };
    const asking = {
      job: { input },
      row: { id: hubId },
      marks: new Map([[streamKey(epoch, 1), mark]]),
      held: new Map(),
      heldGaps: [],
      hidesEvents: false,
    };
    const read = await asSystem(cloud.context.db, async (tx) => {
      await readHeld(tx, [asking]);
      const scans = sql`select sum(seq_tup_read)::int as read from pg_stat_xact_user_tables where relname like 'event_2%'`;
      return queryRows(tx, z.object({ read: z.coerce.number() }), scans);
    });
    // A day of a few events is read whole.
    expect(read[0]?.read).toBeLessThan(EVENTS / 100);
    expect([...asking.held]).toEqual([[placeKey({ epoch, lane: 1, seq: 5 }), { id: null, type: 'later', body: null }]]);
  });
});
