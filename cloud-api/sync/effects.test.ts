import { sql } from 'drizzle-orm';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { TestCloud } from '../../test/support/cloud.js';
import { testEngines } from '../../test/support/cloud-databases.js';
import { Delivery } from '../command/delivery.js';
import { queryRows, type Tx } from '../database/database.js';
import type { PresentationPort } from './presentation-port.js';
import { Sync } from './sync.js';
import { parseSyncInput } from './sync-input.js';

const HubSchema = z.object({ id: z.string(), household_id: z.string() });

describe.each(testEngines())('on $name', (engine) => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await TestCloud.start(engine);
  });
  afterAll(() => cloud.close());

  /** A sync whose effects are what this port does. */
  async function setUp(apply: (tx: Tx, presentationId: string) => Promise<void>) {
    const { hubId, thingName, certificateId } = await cloud.bindHub(await cloud.signUp());
    const [row] = await cloud.context.db.inRole('app_system', null, (tx) =>
      queryRows(tx, HubSchema, sql`select id, household_id from hub where id = ${hubId}`),
    );
    const presentations: PresentationPort = {
      applyPresentationEvent: async (tx, _source, { body }) => apply(tx, body.presentationId),
      commandsChanged: async () => {},
      displaysReleased: async () => {},
    };
    const delivery = new Delivery(cloud.context, cloud.services);
    const { localBindings, hubs: states } = cloud.services;
    const sync = new Sync(cloud.context, { delivery, presentations, localBindings, states });
    const caller = { kind: 'hub', hubId, thingName, certificateId, householdId: row?.household_id ?? null } as const;
    const boot = v7();
    const base = {
      v: 1,
      epoch: '0'.repeat(32),
      boot,
      monoNow: 0,
      wallNow: '2026-03-01T07:00:00Z',
      wq: 0,
      after: {},
      regs: [],
      gaps: [],
    };
    const rest = { downGen: null, downAcked: 0, freeBytes: null, want: { down: 0 } };
    const event = (presentationId: string) => ({
      id: v7(),
      type: 'presentation.received',
      tv: 1,
      boot,
      mono: 0,
      wall: '2026-03-01T07:00:00Z',
      wq: 0,
      body: { presentationId, displayId: v7(), cmdId: null, origin: 'local', at: '2026-03-01T07:00:00Z' },
    });
    const send = (events: { id: string }[]) =>
      sync.exchange(
        caller,
        parseSyncInput({ ...base, ...rest, logs: [{ lane: 0, first: 1, lastId: events.at(-1)?.id, events }] }),
      );
    return { hubId, boot, event, send };
  }

  test('an effect happens once, in order, however often its event comes', async () => {
    const applied: string[] = [];
    const { event, send } = await setUp(async (_tx, presentationId) => {
      applied.push(presentationId);
    });
    const events = [event(v7()), event(v7())];
    await send(events.slice(0, 1));
    await send(events);
    await send(events);
    expect(applied).toEqual(events.map(({ body }) => body.presentationId));
  });

  test('an effect that the database refuses is undone alone, and its event is dead', async () => {
    const bad = v7();
    const { hubId, event, send } = await setUp(async (tx, presentationId) => {
      await tx.execute(sql`update hub set model = coalesce(model, '') || '+' where household_id is not null`);
      if (presentationId === bad) await tx.execute(sql`select 1 / 0`);
    });
    const model = async () => {
      const [row] = await cloud.context.db.inRole('app_system', null, (tx) =>
        queryRows(tx, z.object({ model: z.string() }), sql`select model from hub where id = ${hubId}`),
      );
      return row?.model;
    };
    const before = await model();
    const reply = await send([event(v7()), event(bad), event(v7())]);
    expect(reply).toMatchObject({ acks: { 0: 3 }, rejects: [{ lane: 0, seq: 2, code: 'event.refused' }] });
    expect(await model()).toBe(`${before}++`);
  });

  test('a hub that suspects a copy of itself is counted, and named to the operator', async () => {
    const { hubId, boot, send } = await setUp(async () => {});
    const body = { at: '2026-03-01T07:00:00Z', takeOvers: 3 };
    const told = { ...{ tv: 1, boot, mono: 0, wq: 0 }, wall: body.at, type: 'identity.clone-suspected', body };
    expect(await send([{ id: v7(), ...told }])).toMatchObject({ acks: { 0: 1 }, rejects: [] });
    expect(cloud.context.metrics.render()).toContain('inklet_clones_suspected_total 1');
    expect(cloud.logged.filter((line) => line.includes('a card was cloned')).join('')).toContain(hubId);
  });

  test('a hub that could not renew its certificate is counted by step and code, and named to the operator', async () => {
    const { hubId, boot, send } = await setUp(async () => {});
    const bodies = ['link.refused', 'anything "that" a hub may say'].map((code) => ({
      ...{ reason: 'age', step: 'verify', code, message: 'the broker refused' },
    }));
    const told = { tv: 1, boot, mono: 0, wq: 0, wall: '2026-03-01T07:00:00Z', type: 'certificate.rotation-failed' };
    const events = bodies.map((body) => ({ id: v7(), ...told, body }));
    expect(await send(events)).toMatchObject({ acks: { 0: 2 }, rejects: [] });
    for (const code of ['link.refused', 'other']) {
      expect(cloud.context.metrics.render()).toContain(`inklet_rotations_failed_total{step="verify",code="${code}"} 1`);
    }
    expect(cloud.logged.filter((line) => line.includes('could not renew')).join('')).toContain(hubId);
  });

  test('a fault of ours changes nothing and is not acknowledged: the hub sends again', async () => {
    let isBroken = true;
    const applied: string[] = [];
    const { event, send } = await setUp(async (_tx, presentationId) => {
      if (isBroken) throw new TypeError('a fault of ours');
      applied.push(presentationId);
    });
    const events = [event(v7())];
    await expect(send(events)).rejects.toThrow('a fault of ours');
    isBroken = false;
    expect((await send(events)).acks).toEqual({ 0: 1 });
    expect(applied).toHaveLength(1);
  });
});
