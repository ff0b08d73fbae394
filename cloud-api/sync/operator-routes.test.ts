import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Gap, Health } from '../../contract/index.js';
import { OPERATOR_TOKEN, TestCloud } from '../../test/support/cloud.js';
import { testEngines } from '../../test/support/cloud-databases.js';
import { newEpoch, SyncStore } from '../../test/support/sync-store.js';
import { parseSyncInput } from './sync-input.js';

const LANE = { rows: 1, bytes: 2, oldestS: 3 };
const HEALTH: Health = {
  ...{ v: 1, at: '2026-03-01T07:00:00Z', version: '1.0.0', lanes: { 0: LANE, 1: LANE, 2: LANE, 3: LANE } },
  ...{ enqueued: 9, acked: 8, rejected: 0, superseded: 1, dropped: { quota: 2 }, freeBytes: null },
};
const PageSchema = z.object({ items: z.array(z.record(z.string(), z.unknown())), nextCursor: z.string().nullable() });

describe.each(testEngines())('on $name', (engine) => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await TestCloud.start(engine);
  });
  afterAll(() => cloud.close());

  const get = (thingName: string, what: string, token = OPERATOR_TOKEN) =>
    cloud.call('GET', `/v1/operator/hubs/${thingName}/${what}`, { token });

  async function setUp() {
    const { hubId, thingName, certificateId } = await cloud.bindHub(await cloud.signUp());
    const caller = { kind: 'hub', hubId, thingName, certificateId, householdId: null } as const;
    const store = new SyncStore();
    const send = (change: object) =>
      cloud.services.sync.exchange(caller, parseSyncInput({ ...store.request(), ...change }));
    return { thingName, store, send };
  }
  const gap = (lane: 1 | 2, from: number, to: number, reason: Gap['reason']): Gap => ({
    ...{ lane, from, to, reason, rows: to - from + 1, bytes: 10, firstAt: null, lastAt: null },
  });

  test('the operator sees how far a hub is, how its card is, what will never come and what nobody could read', async () => {
    const { thingName, store, send } = await setUp();
    await send({ gaps: [gap(1, 1, 4, 'quota')] });
    const old = store.epoch;
    store.epoch = newEpoch();
    const regs = [{ key: 'health', ver: 1, sup: 0, boot: store.boot, mono: 0, body: HEALTH }];
    const gaps = [gap(1, 1, 4, 'quota'), gap(1, 5, 5, 'quota'), gap(2, 1, 7, 'thin')];
    const logs = [store.slice(1, [store.event(), store.event({ body: 'secret of a household' })])];
    await send({ epoch: store.epoch, regs, gaps, logs });
    const { status, body } = await get(thingName, 'queue');
    const at = new Date(cloud.clock.nowMs).toISOString();
    expect(status).toBe(200);
    expect(body).toMatchObject({
      thingName,
      lastSeenAt: at,
      health: HEALTH,
      healthAt: at,
      streams: [
        { epoch: store.epoch, isOpen: true, lane: 0, upTo: 2 },
        { epoch: store.epoch, isOpen: true, lane: 1, upTo: 5 },
        { epoch: store.epoch, isOpen: true, lane: 2, upTo: 7 },
        { epoch: old, isOpen: false, lane: 1, upTo: 4 },
      ],
      gaps: [
        { lane: 1, reason: 'quota', ranges: 3, events: 9, lastAt: at },
        { lane: 2, reason: 'thin', ranges: 1, events: 7, lastAt: at },
      ],
      deadLetters: [{ lane: 0, reason: 'event.invalid-body', count: 1, lastAt: at }],
    });
  });

  test('gaps and dead letters are listed in pages, the newest first, without what stood in them', async () => {
    const { thingName, store, send } = await setUp();
    const bad = (type: unknown) => ({ ...store.event({ body: 'secret of a household' }), type });
    await send({ gaps: [gap(1, 1, 2, 'ttl')], logs: [store.slice(1, [store.event({ body: 1 })])] });
    cloud.clock.nowMs += 1000;
    const events = [bad('hub.started'), bad(7), bad('zero\u0000')];
    await send({
      gaps: [gap(1, 3, 3, 'quota'), gap(1, 4, 6, 'thin')],
      logs: [{ lane: 0, first: 2, lastId: v7(), events }],
    });
    const pages = async (what: string) => {
      const items: unknown[] = [];
      for (let cursor = ''; ; ) {
        const page = PageSchema.parse((await get(thingName, `${what}?limit=2${cursor}`)).body);
        items.push(...page.items);
        if (page.nextCursor === null) return items;
        cursor = `&cursor=${page.nextCursor}`;
      }
    };
    expect(await pages('gaps')).toMatchObject([
      { from: 3, to: 3, reason: 'quota', rows: 1, bytes: 10 },
      { from: 4, to: 6, reason: 'thin' },
      { from: 1, to: 2, reason: 'ttl', receivedAt: new Date(cloud.clock.nowMs - 1000).toISOString() },
    ]);
    const letters = await pages('dead-letters');
    expect(letters).toMatchObject([
      { seq: 2, reason: 'event.invalid-body', type: 'hub.started' },
      { seq: 3, reason: 'event.malformed', type: null },
      { seq: 4, reason: 'event.malformed', type: 'zero\u0000' },
      { seq: 1, reason: 'event.invalid-body' },
    ]);
    expect(JSON.stringify(letters)).not.toContain('secret');
  });

  test('the operator says that the store came back from a backup, and hubs are told of a new incarnation', async () => {
    const { store, send } = await setUp();
    const { gen } = await send(store.request());
    const renew = (token: string) => cloud.call('POST', '/v1/operator/generation', { token });
    expect((await renew('somebody')).status).toBe(401);
    expect((await send(store.request())).gen).toBe(gen);
    const { status, body } = await renew(OPERATOR_TOKEN);
    const { gen: next } = await send(store.request());
    expect({ status, body }).toEqual({ status: 200, body: { gen: next } });
    expect(next > gen).toBe(true);
  });

  test('who is no operator, names no hub or invents a cursor is refused', async () => {
    const { thingName } = await setUp();
    const { accessToken } = await cloud.signUp();
    for (const what of ['queue', 'gaps', 'dead-letters']) {
      expect((await get(thingName, what, accessToken)).status).toBe(401);
      expect(await get('nobody', what)).toMatchObject({ status: 404, body: { error: { code: 'hub_not_found' } } });
    }
    for (const cursor of ['rubbish', Buffer.from('["2026-03-01T07:00:00Z","x",0,1]').toString('base64url')]) {
      expect(await get(thingName, `gaps?cursor=${cursor}`)).toMatchObject({
        status: 400,
        body: { error: { code: 'invalid_request' } },
      });
    }
    expect((await get(thingName, 'gaps?limit=0')).status).toBe(400);
  });
});
