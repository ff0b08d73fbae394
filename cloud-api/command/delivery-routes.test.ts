import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { OPERATOR_TOKEN, TestCloud, type TestPerson } from '../../test/support/cloud.js';
import { testEngines } from '../../test/support/cloud-databases.js';
import { asSystem, queryRows } from '../database/database.js';
import { forgetDeliveries } from './delivery-log.js';

const DAY_MS = 24 * 60 * 60_000;
const LogSchema = z.object({
  items: z.array(
    z.looseObject({ id: z.string(), kind: z.string(), deliveries: z.array(z.looseObject({ state: z.string() })) }),
  ),
});

describe.each(testEngines())('on $name', (engine) => {
  let cloud: TestCloud;
  let person: TestPerson;
  beforeAll(async () => {
    cloud = await TestCloud.start(engine);
    person = await cloud.signUp();
  });
  afterAll(() => cloud.close());

  const identify = async (displayId: string) => {
    const { body } = await cloud.call('POST', `/api/v1/displays/${displayId}/identify`, { token: person.accessToken });
    return z.object({ cmdId: z.string() }).parse(body).cmdId;
  };
  const commandOf = (cmdId: string, token = person.accessToken) =>
    cloud.call('GET', `/api/v1/commands/${cmdId}`, { token });
  const inTx = <T>(fn: Parameters<typeof asSystem<T>>[1]) => asSystem(cloud.context.db, fn);

  test('each state of a command is logged with its time and its way, however it got there', async () => {
    const { delivery } = cloud.services;
    const hub = await cloud.bindHub(person);
    const askedAt = new Date(cloud.clock.nowMs).toISOString();
    const cmdId = await identify(hub.displayId);
    cloud.clock.nowMs += 1000;
    await Promise.all([delivery.notePublished(cmdId), delivery.notePublished(cmdId)]);
    cloud.clock.nowMs += 1000;
    await inTx((tx) => delivery.noteReceived(tx, hub.hubId, 1000));
    await inTx((tx) => delivery.noteReceived(tx, hub.hubId, 1000));
    cloud.clock.nowMs += 10 * 60_000;
    const unknownAt = new Date(cloud.clock.nowMs).toISOString();
    await inTx((tx) => delivery.sweep(tx));
    const result = { cmdId, kind: 'identify', state: 'applied', code: null, message: null } as const;
    await inTx((tx) => delivery.applyResult(tx, hub.hubId, result));
    expect((await commandOf(cmdId)).body).toMatchObject({
      id: cmdId,
      kind: 'identify',
      state: 'APPLIED',
      deliveries: [
        { state: 'QUEUED', path: 'cloud', at: askedAt },
        { state: 'OFFERED', path: 'mqtt', at: new Date(Date.parse(askedAt) + 1000).toISOString() },
        { state: 'RECEIVED', path: 'sync', at: new Date(Date.parse(askedAt) + 2000).toISOString() },
        { state: 'UNKNOWN', path: 'cloud', code: 'command.deadline', at: unknownAt },
        { state: 'APPLIED', path: 'sync', code: null, at: unknownAt },
      ],
    });
  });

  test('a household sees its own commands page by page, and an operator those of every hub, without what they say', async () => {
    const hub = await cloud.bindHub(person);
    const ids = [await identify(hub.displayId), await identify(hub.displayId)];
    const path = `/api/v1/hubs/${hub.hubId}/commands`;
    const whole = LogSchema.parse((await cloud.call('GET', path, { token: person.accessToken })).body).items;
    expect(whole.map(({ kind }) => kind)).toEqual(['identify', 'identify', 'bound']);
    expect(whole.map(({ id }) => id).slice(0, 2)).toEqual(ids.toReversed());
    expect(whole[1]?.deliveries.map(({ state }) => state)).toEqual(['QUEUED', 'SUPERSEDED']);
    const next = await cloud.call('GET', `${path}?limit=1&before=${ids[1]}`, { token: person.accessToken });
    expect(LogSchema.parse(next.body).items.map(({ id }) => id)).toEqual([ids[0]]);

    const stranger = await cloud.signUp('The Owls');
    expect((await commandOf(ids[0] ?? '', stranger.accessToken)).status).toBe(404);
    expect((await cloud.call('GET', path, { token: stranger.accessToken })).status).toBe(404);

    const operators = `/v1/operator/hubs/${hub.thingName}/commands`;
    expect((await cloud.call('GET', operators, { token: person.accessToken })).status).toBe(401);
    const seen = await cloud.call('GET', operators, { token: OPERATOR_TOKEN });
    expect(LogSchema.parse(seen.body).items.map(({ kind }) => kind)).toContain('claim_code');
    expect(JSON.stringify(seen.body)).not.toContain('showForS');
    expect((await cloud.call('GET', '/v1/operator/hubs/nobody/commands', { token: OPERATOR_TOKEN })).status).toBe(404);
  });

  test('lines are forgotten after ninety days, the commands stay', async () => {
    const hub = await cloud.bindHub(person);
    const cmdId = await identify(hub.displayId);
    const counted = () =>
      inTx((tx) =>
        queryRows(tx, z.object({ rows: z.number() }), sql`select count(*)::int as rows from command_delivery`),
      );
    const now = () => new Date(cloud.clock.nowMs);
    expect(await inTx((tx) => forgetDeliveries(tx, now(), 1000))).toBe(0);
    cloud.clock.nowMs += 91 * DAY_MS;
    expect(await inTx((tx) => forgetDeliveries(tx, now(), 2))).toBe(2);
    await inTx((tx) => forgetDeliveries(tx, now(), 1000));
    expect(await counted()).toEqual([{ rows: 0 }]);
    person = { ...person, ...(await relogIn()) };
    expect((await commandOf(cmdId)).body).toMatchObject({ state: 'QUEUED', deliveries: [] });
  });

  /** The access token of before has run out meanwhile. */
  async function relogIn(): Promise<{ accessToken: string }> {
    const body = { email: person.email, password: 'correct horse battery' };
    const reply = await cloud.call('POST', '/auth/log-in', { body });
    return z.object({ accessToken: z.string() }).parse(reply.body);
  }
});
