import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { OPERATOR_TOKEN, TestCloud } from '../test/support/cloud.js';
import { testEngines } from '../test/support/cloud-databases.js';
import { choresOf } from './chores.js';
import { queryRows } from './database/database.js';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

describe.each(testEngines())('on $name', (engine) => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await TestCloud.start(engine);
  });
  afterAll(() => cloud.close());

  const run = async (name: string) => {
    await choresOf(cloud.services, { eventRetentionDays: 400 })
      .find((chore) => chore.name === name)
      ?.run();
  };

  test('an idempotency key is forgotten after its day, and no sooner', async () => {
    const token = await cloud.personalAccessToken(await cloud.signUp());
    const create = (key: string) =>
      cloud.call('POST', '/api/sdk/v1/contents', {
        token,
        body: { title: null, assets: [{ type: 'text', text: 'x' }] },
        headers: { 'idempotency-key': key },
      });
    await create('key-of-today');
    cloud.clock.nowMs += DAY_MS;
    await create('key-of-tomorrow');
    await run('forget');
    expect(await readable('idempotency')).toBe(2);
    cloud.clock.nowMs += 1;
    await run('forget');
    expect(await readable('idempotency')).toBe(1);
  });

  test('a chain of refresh tokens loses the links that have expired, and goes on', async () => {
    const { refreshToken } = await cloud.signUp();
    const refresh = async (token: string) => {
      const { status, body } = await cloud.call('POST', '/auth/refresh', { body: { refreshToken: token } });
      return { status, token: z.object({ refreshToken: z.string() }).safeParse(body).data?.refreshToken ?? '' };
    };
    const before = (await readable('refresh_token')) ?? 0;
    cloud.clock.nowMs += 20 * DAY_MS;
    const second = await refresh(refreshToken);
    cloud.clock.nowMs += 20 * DAY_MS;
    await run('forget');
    expect(await readable('refresh_token')).toBeLessThanOrEqual(before);
    expect((await refresh(refreshToken)).status).toBe(401);
    expect((await refresh(second.token)).status).toBe(200);
  });

  test('what the hook decided, and by which ticket, is forgotten after ninety days, and no sooner', async () => {
    const { hwId } = await cloud.provision();
    const token = OPERATOR_TOKEN;
    await cloud.call('POST', `/v1/operator/hardware/${hwId}/reprovision-ticket`, { token });
    await cloud.context.db.asOwner((tx) =>
      tx.execute(sql`update provisioning_decision set ticket_id = (select id from reprovision_ticket)`),
    );
    const counts = async () => [await readable('provisioning_decision'), await readable('reprovision_ticket')];
    cloud.clock.nowMs += 90 * DAY_MS;
    await run('forget');
    expect(await counts()).toEqual([1, 1]);
    cloud.clock.nowMs += 1;
    await run('forget');
    // A ticket ends a day after it was issued.
    expect(await counts()).toEqual([0, 1]);
    cloud.clock.nowMs += DAY_MS;
    await run('forget');
    expect(await counts()).toEqual([0, 0]);
  });

  // Seen as: a delivery log that grew for ever, since more lines came in an hour than were forgotten in one.
  test('however many lines of the delivery log are past their time, they are forgotten', async () => {
    const { hubId } = await cloud.bindHub(await cloud.signUp());
    const old = new Date(cloud.clock.nowMs - 91 * DAY_MS).toISOString();
    await cloud.context.db.inRole('app_system', null, (tx) =>
      tx.execute(sql`insert into command_delivery (command_id, state, at)
        select id, 'QUEUED', ${old}::timestamptz from (select id from command where hub_id = ${hubId} limit 1) one,
          generate_series(1, 50500)`),
    );
    const before = (await readable('command_delivery')) ?? 0;
    await run('forget');
    expect(await readable('command_delivery')).toBe(before - 50_500);
  });

  test('what a killed process left half-written is removed once nobody can still be writing it', async () => {
    const { dataDir } = cloud.context.settings;
    const folders = [join(dataDir, 'assets', 'arriving'), join(dataDir, 'frames')];
    const whole = 'a'.repeat(64);
    for (const folder of folders) {
      mkdirSync(folder, { recursive: true });
      for (const [name, ageMs] of [
        ['old.part', HOUR_MS + 1],
        ['new.part', HOUR_MS - 1000],
      ] as const) {
        writeFileSync(join(folder, name), '');
        const seconds = (cloud.clock.nowMs - ageMs) / 1000;
        utimesSync(join(folder, name), seconds, seconds);
      }
    }
    writeFileSync(join(folders[1] ?? '', whole), '');
    utimesSync(join(folders[1] ?? '', whole), 0, 0);
    await run('tidy');
    expect(folders.map((folder) => readdirSync(folder).sort())).toEqual([['new.part'], [whole, 'new.part']]);
  });

  test('what is past its deadline without a word of its hub has ended as unknown, since it may have run', async () => {
    const person = await cloud.signUp();
    const { displayId, hubId } = await cloud.bindHub(person);
    const identify = `/api/v1/displays/${displayId}/identify`;
    await cloud.call('POST', identify, { token: person.accessToken });
    cloud.clock.nowMs += 7 * 60_000;
    await run('deadlines');
    const query = sql`select state, code from command where hub_id = ${hubId} and kind = 'identify'`;
    const rows = await cloud.context.db.inRole('app_system', null, (tx) => queryRows(tx, z.unknown(), query));
    expect(rows).toEqual([{ state: 'UNKNOWN', code: 'command.deadline' }]);
  });

  async function readable(table: string): Promise<number | undefined> {
    const query = sql`select count(*)::int as rows from ${sql.identifier(table)}`;
    const [row] = await cloud.context.db.inRole('app_system', null, (tx) =>
      queryRows(tx, z.object({ rows: z.number() }), query),
    );
    return row?.rows;
  }
});
