import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Gap } from '../../contract/index.js';
import { TestCloud } from '../../test/support/cloud.js';
import { testEngines } from '../../test/support/cloud-databases.js';
import { SyncStore } from '../../test/support/sync-store.js';
import { asSystem, queryRows } from '../database/database.js';

const PIECES = 250;

describe.each(testEngines())('on $name', (engine) => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await TestCloud.start(engine);
  });
  afterAll(() => cloud.close());

  test('a lane of which one event in ten is left is taken in one request, with as many slices and gaps', async () => {
    const hub = await cloud.bindHub(await cloud.signUp());
    const store = new SyncStore();
    const gap = (from: number): Gap => ({
      ...{ lane: 2, from, to: from + 8, reason: 'thin', rows: 9, bytes: 90, firstAt: null, lastAt: null },
    });
    const firsts = Array.from({ length: PIECES }, (_, index) => index * 10 + 1);
    const logs = firsts.map((first) => store.slice(first, [store.event({ type: 'hub.telemetry' })], 2));
    const gaps = firsts.map((first) => gap(first + 1));
    const body = { ...store.request({ logs, gaps }) };
    const reply = await cloud.call('POST', '/v1/sync', { token: await hub.token(), body });
    expect(reply).toMatchObject({ status: 200, body: { acks: { 2: PIECES * 10 }, holes: [] } });
    const held = await asSystem(cloud.context.db, (tx) =>
      queryRows(
        tx,
        z.unknown(),
        sql`select (select count(*) from dead where hub_id = ${hub.hubId})::int
              + (select count(*) from event where hub_id = ${hub.hubId})::int as slices,
              (select sum(rows) from gap where hub_id = ${hub.hubId})::int as thinned`,
      ),
    );
    expect(held).toEqual([{ slices: PIECES, thinned: PIECES * 9 }]);
  });
});
