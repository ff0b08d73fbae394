import { randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { HardwareReportSchema, RegisteredHardwareSchema } from '../../contract/index.js';
import { HOOK_TOKEN, OPERATOR_TOKEN, TAG_UID, TestCloud } from '../../test/support/cloud.js';
import { testEngines } from '../../test/support/cloud-databases.js';
import { hookInput, makeDevice, rotationInput, tokensOf } from '../../test/support/cloud-devices.js';
import { FOREIGN_WORK_ORDERS, WORK_ORDERS } from '../../test/support/work-orders.js';
import { choresOf } from '../chores.js';

const HOOK = '/v1/hooks/pre-provisioning';
const OPERATOR = { token: OPERATOR_TOKEN };
const DecisionsSchema = z.object({ items: z.array(z.looseObject({ id: z.string() })) });
const FleetSchema = z.object({ items: z.array(z.looseObject({ hwId: z.string(), state: z.string() })) });
const newHwId = () => randomBytes(10).toString('hex');
const factsOf = (hwId: string, batch = 1) => ({ hwId, tagUid: TAG_UID, keyId: 1, model: 1, batch });

describe.each(testEngines())('on $name', (engine) => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await TestCloud.start(engine);
  });
  afterAll(() => cloud.close());

  const register = async (by: { token?: string; workOrder?: string }, ...items: object[]) => {
    const { body } = await cloud.call('POST', '/v1/operator/hardware', { ...by, body: { items } });
    return RegisteredHardwareSchema.parse(body).items;
  };
  const look = async (hwId: string) => (await cloud.call('GET', `/v1/operator/hardware/${hwId}`, OPERATOR)).body;
  const change = async (hwId: string, what: string) => {
    const url = `/v1/operator/hardware/${hwId}/${what}`;
    const { status, body } = await cloud.call('POST', url, { ...OPERATOR, body: { reason: 'stolen' } });
    return { status, body };
  };
  const hook = async (body: object) => (await cloud.call('POST', HOOK, { token: HOOK_TOKEN, body })).body;
  const isTaken = async (token: string) =>
    (await cloud.call('POST', '/v1/sync', { token, body: { v: 1 } })).status !== 401;
  const orderFor = (change: Parameters<typeof WORK_ORDERS.issue>[1]) => WORK_ORDERS.issue(cloud.clock.nowMs, change);

  test('a list of hardware is written down, each item answered by itself, and again changes nothing', async () => {
    const [first, second] = [newHwId(), newHwId()];
    const { hwId: used } = await cloud.provision();
    const items = [factsOf(first), factsOf(used, 2), factsOf(second)];
    const answers = [
      { hwId: first, ok: true, state: 'MADE' },
      { hwId: used, ok: false, code: 'invalid_state', message: expect.any(String) },
      { hwId: second, ok: true, state: 'MADE' },
    ];
    expect(await register(OPERATOR, ...items)).toEqual(answers);
    expect(await register(OPERATOR, ...items)).toEqual(answers);
    expect(await register(OPERATOR, factsOf(used))).toEqual([{ hwId: used, ok: true, state: 'PROVISIONED' }]);
  });

  test('the operator goes through the fleet page by page, by state and by batch', async () => {
    const [first, second] = ['00', 'ff'].map((edge) => `${edge}${newHwId().slice(2)}`);
    await register(OPERATOR, factsOf(first ?? '', 9), factsOf(second ?? '', 9));
    const hub = await cloud.provision();
    const list = async (query: string) =>
      FleetSchema.parse((await cloud.call('GET', `/v1/operator/hardware?${query}`, OPERATOR)).body).items;
    expect(await list('batch=9&limit=1')).toMatchObject([
      { hwId: first, state: 'MADE', thingName: null, lastSeenAt: null },
    ]);
    expect(await list(`batch=9&after=${first}`)).toMatchObject([{ hwId: second, batch: 9 }]);
    expect(await list('batch=9&state=PROVISIONED')).toEqual([]);
    const provisioned = await list('state=PROVISIONED&limit=200');
    expect(provisioned).toContainEqual(expect.objectContaining({ hwId: hub.hwId, thingName: hub.thingName }));
    expect(provisioned.filter(({ state }) => state !== 'PROVISIONED')).toEqual([]);
  });

  test('a technician writes down what his work order lists, by id or by batch, and nothing else', async () => {
    const [listed, inBatch, other, ofOthers] = [newHwId(), newHwId(), newHwId(), newHwId()];
    await register(OPERATOR, factsOf(ofOthers, 3));
    const workOrder = orderFor({ hwIds: [listed], batches: [{ from: 5, to: 6 }], may: ['provision'] });
    const items = [factsOf(listed), factsOf(inBatch, 5), factsOf(other, 4), factsOf(ofOthers, 5)];
    const notListed = { ok: false, code: 'work-order.not-listed' };
    expect(await register({ workOrder }, ...items)).toMatchObject([{ ok: true }, { ok: true }, notListed, notListed]);
    expect(await look(listed)).toMatchObject({ registeredBy: 'Ada', state: 'MADE' });
    expect(await look(ofOthers)).toMatchObject({ registeredBy: 'operator', batch: 3 });
    const idle = orderFor({ hwIds: [listed], may: ['diagnose'] });
    expect(await register({ workOrder: idle }, factsOf(listed))).toMatchObject([{ code: 'work-order.not-allowed' }]);
  });

  test('the operator sees where hardware stands, and a technician whom his order lets sees what he needs of it', async () => {
    const person = await cloud.signUp();
    const hub = await cloud.bindHub(person);
    await isTaken(await hub.token());
    const next = await makeDevice();
    await hook(rotationInput(hub, next));
    await hook(hookInput(await makeDevice(), await cloud.proofOf(hub.hwId)));
    const report = {
      hwId: hub.hwId,
      state: 'PROVISIONED',
      thingName: hub.thingName,
      lastSeenAt: new Date(cloud.clock.nowMs).toISOString(),
      certificates: expect.arrayContaining([
        expect.objectContaining({ id: next.certificateId, status: 'pending', firstUsedAt: null }),
        expect.objectContaining({ id: hub.certificateId, status: 'live', firstUsedAt: expect.any(String) }),
      ]),
      decisions: [
        { at: expect.any(String), allowed: false, reason: 'already-provisioned' },
        { at: expect.any(String), allowed: true, reason: null },
        { at: expect.any(String), allowed: true, reason: null },
      ],
    };
    expect(await look(hub.hwId)).toMatchObject({ ...report, isBound: true, tagUid: TAG_UID, ticket: null });
    const url = `/v1/technician/hardware/${hub.hwId}`;
    const workOrder = orderFor({ batches: [{ from: 1, to: 1 }], may: ['diagnose'] });
    const { body } = await cloud.call('GET', url, { workOrder });
    expect(HardwareReportSchema.strict().parse(body)).toEqual(report);
  });

  test('a work order that is foreign or for other hardware shows nothing', async () => {
    const { hwId } = await cloud.provision();
    const foreign = FOREIGN_WORK_ORDERS.issue(cloud.clock.nowMs, { hwIds: [hwId] });
    for (const [workOrder, status, code] of [
      [foreign, 401, 'work-order.wrong-signature'],
      [orderFor({ hwIds: [newHwId()] }), 403, 'work-order.not-listed'],
      [orderFor({ hwIds: [hwId], may: ['make-tag'] }), 403, 'work-order.not-allowed'],
    ] as const) {
      const answer = await cloud.call('GET', `/v1/technician/hardware/${hwId}`, { workOrder });
      expect(answer).toMatchObject({ status, body: { error: { code } } });
    }
    const operators = await cloud.call('GET', `/v1/operator/hardware/${hwId}`, {
      workOrder: orderFor({ hwIds: [hwId] }),
    });
    expect(operators.status).toBe(401);
    const unknown = await cloud.call('GET', `/v1/operator/hardware/${newHwId()}`, OPERATOR);
    expect(unknown).toMatchObject({ status: 404, body: { error: { code: 'hardware_not_found' } } });
  });

  test('blocked hardware loses its certificates at once, gets none, and comes back by a ticket when it is let in again', async () => {
    const person = await cloud.signUp();
    const hub = await cloud.bindHub(person);
    expect(await isTaken(await hub.token())).toBe(true);
    expect(await change(hub.hwId, 'block')).toMatchObject({ status: 200, body: { state: 'BLOCKED' } });
    expect(await change(hub.hwId, 'block')).toMatchObject({ status: 200, body: { state: 'BLOCKED' } });
    expect(await isTaken(await hub.token())).toBe(false);
    const proof = await cloud.proofOf(hub.hwId);
    expect(await hook(hookInput(await makeDevice(), proof))).toMatchObject({ reason: 'blocked' });
    expect(await hook(rotationInput(hub, await makeDevice()))).toMatchObject({ reason: 'certificate-not-live' });
    expect(await look(hub.hwId)).toMatchObject({ stateReason: 'stolen', certificates: [{ status: 'blocked' }] });
    expect(await change(hub.hwId, 'unblock')).toMatchObject({ body: { state: 'PROVISIONED' } });
    expect(await hook(hookInput(await makeDevice(), proof))).toMatchObject({ reason: 'already-provisioned' });
    await cloud.call('POST', `/v1/operator/hardware/${hub.hwId}/reprovision-ticket`, OPERATOR);
    const device = await makeDevice();
    expect(await hook(hookInput(device, proof))).toMatchObject({ allowProvisioning: true });
    expect(await isTaken(await tokensOf(hub.thingName, device, cloud.clock)())).toBe(true);
  });

  const sweep = async () => {
    await choresOf(cloud.services, { eventRetentionDays: 400 })
      .find(({ name }) => name === 'retired-hubs')
      ?.run();
  };
  const endUnbound = (thingName: string) =>
    cloud.context.db.asOwner((tx) =>
      tx.execute(sql`update command set state = 'APPLIED' where kind = 'unbound'
        and hub_id = (select id from hub where thing_name = ${thingName})`),
    );

  // Seen as: a retired hub went on showing what its household had asked for, since it could not fetch the order to wipe it.
  test('retired hardware hears that it is let go, and has no certificate once it has said so', async () => {
    const hub = await cloud.bindHub(await cloud.signUp());
    const pending = await makeDevice();
    await hook(rotationInput(hub, pending));
    await change(hub.hwId, 'retire');
    await sweep();
    expect(await isTaken(await hub.token())).toBe(true);
    expect(await isTaken(await tokensOf(hub.thingName, pending, cloud.clock)())).toBe(false);
    expect(cloud.published.at(-1)).toMatchObject({ thingName: hub.thingName, command: { kind: 'unbound' } });
    expect(await hook(rotationInput(hub, await makeDevice()))).toMatchObject({ reason: 'retired' });
    await endUnbound(hub.thingName);
    await sweep();
    expect(await isTaken(await hub.token())).toBe(false);
    expect(await look(hub.hwId)).toMatchObject({
      certificates: [{ status: 'retired' }, { status: 'retired' }],
    });
  });

  test('retired hardware that stays silent has no certificate after a day', async () => {
    const hub = await cloud.bindHub(await cloud.signUp());
    await change(hub.hwId, 'retire');
    cloud.clock.nowMs += 24 * 60 * 60_000 - 1;
    await sweep();
    expect(await isTaken(await hub.token())).toBe(true);
    cloud.clock.nowMs += 1;
    await sweep();
    expect(await isTaken(await hub.token())).toBe(false);
  });

  test('retired hardware of nobody has no certificate from then on, and what was blocked before has none either', async () => {
    const [free, stolen] = [await cloud.provision(), await cloud.bindHub(await cloud.signUp())];
    await change(stolen.hwId, 'block');
    for (const { hwId, token } of [free, stolen]) {
      await change(hwId, 'retire');
      expect(await isTaken(await token())).toBe(false);
    }
  });

  test('retired hardware is bound by nobody, though it may still be at work', async () => {
    const [person, next] = [await cloud.signUp(), await cloud.signUp()];
    const hub = await cloud.bindHub(person);
    await change(hub.hwId, 'retire');
    const { claimId } = await cloud.showCode(hub, next);
    const { status } = await cloud.call('POST', `/api/v1/claims/${claimId}/confirm`, { token: next.accessToken });
    expect(status).toBe(409);
    expect((await cloud.call('GET', '/api/v1/hubs', { token: next.accessToken })).body).toEqual({ items: [] });
  });

  test('retired hardware leaves its household for good', async () => {
    const person = await cloud.signUp();
    const hub = await cloud.bindHub(person);
    expect(await change(hub.hwId, 'retire')).toMatchObject({ status: 200, body: { state: 'RETIRED' } });
    const { body } = await cloud.call('GET', '/api/v1/hubs', { token: person.accessToken });
    expect(body).toEqual({ items: [] });
    const proof = await cloud.proofOf(hub.hwId);
    expect(await hook(hookInput(await makeDevice(), proof))).toMatchObject({ reason: 'retired' });
    for (const what of ['unblock', 'block']) expect(await change(hub.hwId, what)).toMatchObject({ status: 409 });
    const ticket = await cloud.call('POST', `/v1/operator/hardware/${hub.hwId}/reprovision-ticket`, OPERATOR);
    expect(ticket).toMatchObject({ status: 409, body: { error: { code: 'invalid_state' } } });
  });

  test('the operator reads what was decided, the newest first, page by page, and finds cloned cards', async () => {
    const hub = await cloud.provision();
    const clone = newHwId();
    await cloud.make(clone);
    const device = await makeDevice();
    await hook(hookInput(device, await cloud.proofOf(newHwId())));
    const copied = await cloud.provision(device);
    const again = await makeDevice({ name: 'ECDSA', namedCurve: 'P-256' }, device.keys);
    await hook(hookInput(again, await cloud.proofOf(clone)));
    const list = async (query: string) =>
      DecisionsSchema.parse((await cloud.call('GET', `/v1/operator/decisions?${query}`, OPERATOR)).body).items;
    expect(await list(`hwId=${clone}`)).toMatchObject([
      { allowed: false, reason: 'duplicate-key', kind: 'claim', twinThingName: copied.thingName },
    ]);
    expect(await list('reason=duplicate-key&allowed=false&limit=1')).toMatchObject([{ hwId: clone }]);
    const [newest, second] = await list('limit=2');
    expect(newest).toMatchObject({ hwId: clone });
    expect(await list(`limit=1&before=${newest?.id}`)).toEqual([second]);
    expect(await list(`hwId=${hub.hwId}&allowed=true`)).toMatchObject([{ clientId: 'inklet-fp-1' }]);
    expect((await cloud.call('GET', '/v1/operator/decisions?limit=1000', OPERATOR)).status).toBe(400);
  });
});
