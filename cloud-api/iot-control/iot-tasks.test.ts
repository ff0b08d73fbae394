import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { TestCloud } from '../../test/support/cloud.js';
import { testEngines } from '../../test/support/cloud-databases.js';
import type { TestHub } from '../../test/support/cloud-devices.js';
import { asSystem, queryRows } from '../database/database.js';
import { CloudError } from '../errors.js';
import { IotTasks, LEASE_MS, TASK_LIMIT_MS } from './iot-tasks.js';
import { retireAtIot } from './retire-at-iot.js';

const LeftSchema = z.object({ attempts: z.number(), last_error: z.string().nullable() });

describe.each(testEngines())('on $name', (engine) => {
  let cloud: TestCloud;
  let hub: TestHub;
  let retired: string[];
  let failure: CloudError | undefined;
  let tasks: IotTasks;
  beforeAll(async () => {
    cloud = await TestCloud.start(engine);
  });
  beforeEach(async () => {
    hub = await cloud.provision();
    retired = [];
    failure = undefined;
    tasks = tasksOf();
  });
  afterAll(() => cloud.close());

  const tasksOf = (isSilentFor = (_: { certificateId: string }) => false) =>
    new IotTasks(cloud.context, {
      retire: async ({ certificateId }) => {
        if (isSilentFor({ certificateId })) return new Promise<void>(() => {});
        if (failure !== undefined) throw failure;
        retired.push(certificateId);
      },
      close: () => {},
    });
  const queue = (isUnderWay = false) =>
    asSystem(cloud.context.db, (tx) => retireAtIot(tx, cloud.context, [hub], { isUnderWay }));
  const left = () =>
    cloud.context.db.asOwner((tx) => queryRows(tx, LeftSchema, sql`select attempts, last_error from iot_task`));

  test('what is queued is told to AWS IoT once, and the certificate shows it', async () => {
    await queue();
    expect(await tasks.runDue()).toBe(1);
    expect(await tasks.runDue()).toBe(0);
    expect(retired).toEqual([hub.certificateId]);
    expect(await left()).toEqual([]);
    const [row] = await cloud.context.db.asOwner((tx) =>
      queryRows(
        tx,
        z.object({ done: z.boolean() }),
        sql`select deactivated_at is not null as done from certificate where id = ${hub.certificateId}`,
      ),
    );
    expect(row).toEqual({ done: true });
  });

  test('what AWS IoT may be about to activate is told again when that is settled', async () => {
    await queue(true);
    await tasks.runDue();
    expect(await tasks.runDue()).toBe(0);
    cloud.clock.nowMs += 60_000;
    expect(await tasks.runDue()).toBe(1);
    expect(retired).toEqual([hub.certificateId, hub.certificateId]);
  });

  test('while AWS IoT fails, a task waits longer from try to try, with the reason, and is done in the end', async () => {
    await queue();
    failure = new CloudError('iot.control-failed', 'ThrottlingException: slow down');
    for (const [attempts, waitMs] of [
      [1, 2_000],
      [2, 4_000],
    ] as const) {
      expect(await tasks.runDue()).toBe(1);
      expect(await left()).toEqual([{ attempts, last_error: 'ThrottlingException: slow down' }]);
      cloud.clock.nowMs += waitMs - 1;
      expect(await tasks.runDue()).toBe(0);
      cloud.clock.nowMs += 1;
    }
    failure = undefined;
    expect(await tasks.runDue()).toBe(1);
    expect(retired).toEqual([hub.certificateId]);
  });

  test('two workers do not do one task twice, and a task of a worker that died is taken over', async () => {
    await queue();
    const dying = new IotTasks(cloud.context, { retire: () => new Promise(() => {}), close: () => {} });
    const hanging = dying.runDue();
    await expect.poll(async () => (await left()).length === 1 && (await tasks.runDue())).toBe(0);
    cloud.clock.nowMs += LEASE_MS;
    expect(await tasks.runDue()).toBe(1);
    expect(retired).toEqual([hub.certificateId]);
    await dying.stop();
    expect(await hanging).toBe(0);
  });

  // Seen as: one half-open connection to AWS, and no certificate was deactivated any more until a restart, which hung too.
  test('an AWS that accepts and stays silent costs one task its turn, and the others go on', async () => {
    const silent = await cloud.provision();
    await asSystem(cloud.context.db, (tx) => retireAtIot(tx, cloud.context, [silent, hub], { isUnderWay: false }));
    const patient = tasksOf(({ certificateId }) => certificateId === silent.certificateId);
    const round = patient.runDue();
    await expect.poll(() => cloud.clock.sleepers).toBe(1);
    cloud.clock.pass(TASK_LIMIT_MS);
    expect(await round).toBe(2);
    expect(retired).toEqual([hub.certificateId]);
    expect(await left()).toEqual([{ attempts: 1, last_error: expect.stringContaining('No answer within') }]);
    cloud.clock.nowMs += LEASE_MS;
    expect(await tasks.runDue()).toBe(1);
  });

  test('a service that stops while AWS is silent is gone at once, and who comes next goes on with what it left', async () => {
    const silent = await cloud.provision();
    await asSystem(cloud.context.db, (tx) => retireAtIot(tx, cloud.context, [silent, hub], { isUnderWay: false }));
    const patient = tasksOf(() => true);
    patient.start();
    await expect.poll(() => cloud.clock.sleepers).toBe(1);
    await patient.stop();
    expect(await left()).toEqual([
      { attempts: 0, last_error: null },
      { attempts: 0, last_error: null },
    ]);
    expect(await tasks.runDue()).toBe(2);
    expect(retired).toHaveLength(2);
  });

  test('a task that is written to a transaction which fails is never told', async () => {
    const failing = asSystem(cloud.context.db, async (tx) => {
      await retireAtIot(tx, cloud.context, [hub], { isUnderWay: false });
      throw new CloudError('invalid_state', 'the change did not come off');
    });
    await expect(failing).rejects.toMatchObject({ code: 'invalid_state' });
    expect(await tasks.runDue()).toBe(0);
    expect(retired).toEqual([]);
  });
});
