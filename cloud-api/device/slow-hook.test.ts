import { randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { thingNameFor } from '../../provisioning/hw-id/index.js';
import { HOOK_TOKEN, TestCloud } from '../../test/support/cloud.js';
import { testEngines } from '../../test/support/cloud-databases.js';
import { hookInput, makeDevice } from '../../test/support/cloud-devices.js';
import { asSystem, queryRows } from '../database/database.js';
import { DECISION_LIMIT_MS } from './pre-provisioning.js';

const unavailable = { status: 503, body: { error: { code: 'processing_unavailable' } } };

describe.each(testEngines())('on $name', (engine) => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await TestCloud.start(engine);
  });
  afterAll(() => cloud.close());

  /** Holds the hardware's row until it is let go. */
  const lock = async (hwId: string) => {
    let letGo = () => {};
    let held = () => {};
    const isHeld = new Promise<void>((resolve) => {
      held = resolve;
    });
    const released = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const done = asSystem(cloud.context.db, async (tx) => {
      await tx.execute(sql`select 1 from hardware where hw_id = ${hwId} for update`);
      held();
      await released;
    });
    await isHeld;
    return async () => {
      letGo();
      await done;
    };
  };
  const setUp = async () => {
    const hwId = randomBytes(10).toString('hex');
    await cloud.make(hwId);
    const body = hookInput(await makeDevice(), await cloud.proofOf(hwId));
    const ask = () => cloud.call('POST', '/v1/hooks/pre-provisioning', { token: HOOK_TOKEN, body });
    const kept = () =>
      cloud.context.db.asOwner((tx) =>
        queryRows(tx, z.unknown(), sql`select allowed from provisioning_decision where hw_id = ${hwId}`),
      );
    const allowed = { allowProvisioning: true, parameterOverrides: { ThingName: thingNameFor(hwId) } };
    return { hwId, ask, kept, allowed };
  };

  test('what cannot be decided in time is not decided: the hook says 503, nothing is changed, and asked again it decides', async () => {
    const { hwId, ask, kept, allowed } = await setUp();
    const release = await lock(hwId);
    const answer = ask();
    await expect.poll(() => cloud.clock.sleepers).toBe(1);
    cloud.clock.pass(DECISION_LIMIT_MS);
    expect(await answer).toMatchObject(unavailable);
    await release();
    expect(await kept()).toEqual([]);
    expect(await ask()).toMatchObject({ status: 200, body: allowed });
    expect(await kept()).toEqual([{ allowed: true }]);
    expect(cloud.context.metrics.render()).toContain('inklet_provisioning_undecided_total 1');
  });
});

describe.each(testEngines().filter(({ name }) => name === 'PostgreSQL'))('on $name', (engine) => {
  test('a lock that somebody else holds ends the wait by itself', async () => {
    const cloud = await TestCloud.start(engine);
    const hwId = randomBytes(10).toString('hex');
    await cloud.make(hwId);
    const body = hookInput(await makeDevice(), await cloud.proofOf(hwId));
    const ask = () => cloud.call('POST', '/v1/hooks/pre-provisioning', { token: HOOK_TOKEN, body });
    await asSystem(cloud.context.db, async (tx) => {
      await tx.execute(sql`select 1 from hardware where hw_id = ${hwId} for update`);
      expect(await ask()).toMatchObject(unavailable);
    });
    expect(cloud.logged.join('')).toContain('55P03');
    expect(await ask()).toMatchObject({ status: 200, body: { allowProvisioning: true } });
    await cloud.close();
  });
});
