import { randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { HOOK_TOKEN, OPERATOR_TOKEN, TestCloud, type TestPerson } from '../../test/support/cloud.js';
import { testEngines } from '../../test/support/cloud-databases.js';
import { hookInput, makeDevice, tokensOf } from '../../test/support/cloud-devices.js';
import { FOREIGN_WORK_ORDERS, WORK_ORDERS } from '../../test/support/work-orders.js';
import { asSystem, queryRows } from '../database/database.js';
import { HookInputSchema } from './hook-input.js';
import { judgeClaim } from './judge-claim.js';
import { releaseBy } from './release-hub.js';

const DAY_MS = 24 * 60 * 60_000;
const HubsSchema = z.object({ items: z.array(z.object({ id: z.string() })) });

describe.each(testEngines())('on $name', (engine) => {
  let cloud: TestCloud;
  let person: TestPerson;
  let hub: Awaited<ReturnType<TestCloud['bindHub']>>;
  beforeAll(async () => {
    cloud = await TestCloud.start(engine);
  });
  beforeEach(async () => {
    person = await cloud.signUp();
    hub = await cloud.bindHub(person);
    await isTaken(hub.token);
  });
  afterAll(() => cloud.close());

  const isTaken = async (token: typeof hub.token) =>
    (await cloud.call('POST', '/v1/sync', { token: await token(), body: { v: 1 } })).status !== 401;
  const allowed = () => ({ allowProvisioning: true, parameterOverrides: { ThingName: hub.thingName } });
  const refused = (reason: string) => ({ allowProvisioning: false, reason });
  /** The hardware with an empty card asks for a certificate. */
  const ask = async (device?: Awaited<ReturnType<typeof makeDevice>>) => {
    const body = hookInput(device ?? (await makeDevice()), await cloud.proofOf(hub.hwId));
    return (await cloud.call('POST', '/v1/hooks/pre-provisioning', { token: HOOK_TOKEN, body })).body;
  };
  const hubsOf = async ({ accessToken: token }: TestPerson) =>
    HubsSchema.parse((await cloud.call('GET', '/api/v1/hubs', { token })).body).items.map(({ id }) => id);
  const owners = (id = hub.hubId) => `/api/v1/hubs/${id}/reprovision-ticket`;
  const issueAsOwner = (by = person) => cloud.call('POST', owners(), { token: by.accessToken });
  const issueAsOperator = (hwId = hub.hwId) =>
    cloud.call('POST', `/v1/operator/hardware/${hwId}/reprovision-ticket`, { token: OPERATOR_TOKEN });
  const issueAsTechnician = (workOrder: string, hwId = hub.hwId) =>
    cloud.call('POST', '/v1/technician/tickets', { workOrder, body: { hwId } });
  const expiresAt = () => new Date(cloud.clock.nowMs + DAY_MS).toISOString();

  test('a hub that was at work is let in once by its owner’s ticket, stays his, and its old certificate is gone', async () => {
    expect(await ask()).toEqual(refused('already-provisioned'));
    expect(await issueAsOwner()).toMatchObject({
      status: 201,
      body: { hubId: hub.hubId, expiresAt: expiresAt() },
    });
    const device = await makeDevice();
    expect(await ask(device)).toEqual(allowed());
    expect(await ask(device)).toEqual(allowed());
    const token = tokensOf(hub.thingName, device, cloud.clock);
    expect([await isTaken(hub.token), await isTaken(token)]).toEqual([false, true]);
    expect(await hubsOf(person)).toEqual([hub.hubId]);
    expect(await ask()).toEqual(refused('already-provisioned'));
  });

  test('a device that lost the answer after its ticket was used asks again with a fresh certificate', async () => {
    await issueAsOwner();
    expect(await ask()).toEqual(allowed());
    const second = await makeDevice();
    expect(await ask(second)).toEqual(allowed());
    expect(await isTaken(tokensOf(hub.thingName, second, cloud.clock))).toBe(true);
  });

  test.each(['operator', 'technician'])(
    'a ticket of the %s lets the hub in, and takes it from its household, which it is told',
    async (issuer) => {
      const order = WORK_ORDERS.issue(cloud.clock.nowMs, { hwIds: [hub.hwId], may: ['reprovision'] });
      const issued = await (issuer === 'operator' ? issueAsOperator() : issueAsTechnician(order));
      expect(issued).toMatchObject({ status: 201, body: { hwId: hub.hwId, expiresAt: expiresAt() } });
      expect(await ask()).toEqual(allowed());
      expect(await hubsOf(person)).toEqual([]);
      expect(cloud.published.at(-1)).toMatchObject({ thingName: hub.thingName, command: { kind: 'unbound' } });
    },
  );

  test('after a day a ticket is of no use', async () => {
    await issueAsOwner();
    cloud.clock.nowMs += DAY_MS;
    expect(await ask()).toEqual(refused('ticket-expired'));
    await issueAsOperator();
    expect(await ask()).toEqual(allowed());
  });

  test('a ticket that was taken back, or whose owner let the hub go, is none', async () => {
    await issueAsOwner();
    expect((await cloud.call('DELETE', owners(), { token: person.accessToken })).status).toBe(204);
    expect(await ask()).toEqual(refused('already-provisioned'));
    await issueAsOwner();
    await cloud.call('DELETE', `/api/v1/hubs/${hub.hubId}`, { token: person.accessToken });
    expect(await ask()).toEqual(refused('already-provisioned'));
    await issueAsOperator();
    await cloud.call('DELETE', `/v1/operator/hardware/${hub.hwId}/reprovision-ticket`, { token: OPERATOR_TOKEN });
    expect(await ask()).toEqual(refused('already-provisioned'));
  });

  // PGlite has one connection: nothing happens there while the hook decides.
  if (engine.name === 'PostgreSQL') {
    test('nobody takes a hub out of its household between what the hook reads of it and what the hook does', async () => {
      await issueAsOwner();
      const input = HookInputSchema.parse(hookInput(await makeDevice(), await cloud.proofOf(hub.hwId)));
      const free = sql`select id from hub where id = ${hub.hubId} for no key update skip locked`;
      const freeNow = () => asSystem(cloud.context.db, (tx) => queryRows(tx, z.unknown(), free));
      expect(await freeNow()).toEqual([{ id: hub.hubId }]);
      await asSystem(cloud.context.db, async (tx) => {
        const context = { ...cloud.context, release: releaseBy(cloud.services.bindings) };
        expect(await judgeClaim(tx, context, input)).toMatchObject({ ok: true });
        expect(await freeNow()).toEqual([]);
      });
    });
  }

  test('nobody gets a ticket for hardware that is not his, and a ticket for one hub lets no other in', async () => {
    const stranger = await cloud.signUp();
    expect(await issueAsOwner(stranger)).toMatchObject({ status: 404, body: { error: { code: 'hub_not_found' } } });
    const other = await cloud.provision();
    await isTaken(other.token);
    expect((await issueAsOperator(other.hwId)).status).toBe(201);
    expect(await ask()).toEqual(refused('already-provisioned'));
  });

  test('hardware that is not there, or was never provisioned, needs no ticket', async () => {
    const made = randomBytes(10).toString('hex');
    expect(await issueAsOperator(made)).toMatchObject({ status: 404, body: { error: { code: 'hardware_not_found' } } });
    await cloud.make(made);
    expect(await issueAsOperator(made)).toMatchObject({ status: 409, body: { error: { code: 'invalid_state' } } });
  });

  test('a work order that is foreign, over, of tomorrow, for other hardware or other work gets no ticket', async () => {
    const { nowMs } = cloud.clock;
    const hwIds = [hub.hwId];
    const cases: [string, number, string][] = [
      [FOREIGN_WORK_ORDERS.issue(nowMs, { hwIds }), 401, 'work-order.wrong-signature'],
      [WORK_ORDERS.issue(nowMs - 8 * 60 * 60_000, { hwIds }), 401, 'work-order.expired'],
      [WORK_ORDERS.issue(nowMs + 2 * 60 * 60_000, { hwIds }), 401, 'work-order.not-yet-valid'],
      [WORK_ORDERS.issue(nowMs, { hwIds, keyId: 8 }), 401, 'work-order.unknown-key'],
      ['inklet-wo1.nothing.nothing', 401, 'work-order.malformed'],
      [WORK_ORDERS.issue(nowMs, { hwIds: ['f'.repeat(20)] }), 403, 'work-order.not-listed'],
      [WORK_ORDERS.issue(nowMs, { hwIds, may: ['diagnose'] }), 403, 'work-order.not-allowed'],
    ];
    for (const [order, status, code] of cases) {
      expect(await issueAsTechnician(order)).toMatchObject({ status, body: { error: { code } } });
    }
    const withoutOrder = await cloud.call('POST', '/v1/technician/tickets', { token: OPERATOR_TOKEN, body: {} });
    expect(withoutOrder).toMatchObject({ status: 401, body: { error: { code: 'authentication_failed' } } });
    expect(await ask()).toEqual(refused('already-provisioned'));
    expect(cloud.logged.join('')).not.toContain('inklet-wo1.');
  });
});
