import { sql } from 'drizzle-orm';
import { v7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { HOOK_TOKEN, OPERATOR_TOKEN, TestCloud } from '../../test/support/cloud.js';
import { testEngines } from '../../test/support/cloud-databases.js';
import { type Device, makeDevice, rotationInput, type TestHub, tokensOf } from '../../test/support/cloud-devices.js';
import { queryRows } from '../database/database.js';
import { expirePending } from './certificate-life.js';
import { COMMIT_WITHIN_MS } from './judge-rotation.js';

const EC = { name: 'ECDSA', namedCurve: 'P-256' };
const TaskSchema = z.object({ certificate_id: z.string(), thing_name: z.string() });

describe.each(testEngines())('on $name', (engine) => {
  let cloud: TestCloud;
  let hub: TestHub;
  let next: Device;
  beforeAll(async () => {
    cloud = await TestCloud.start(engine);
  });
  beforeEach(async () => {
    hub = await cloud.provision();
    next = await makeDevice();
  });
  afterAll(() => cloud.close());

  const ask = async (change: object = {}, device: Device = next) => {
    const body = { ...rotationInput(hub, device), ...change };
    return (await cloud.call('POST', '/v1/hooks/pre-provisioning', { token: HOOK_TOKEN, body })).body;
  };
  const allowed = () => ({ allowProvisioning: true, parameterOverrides: { ThingName: hub.thingName } });
  const refused = (reason: string) => ({ allowProvisioning: false, reason });
  const commit = async (device: Device = next, replaces = hub.certificateId) => {
    const token = await tokensOf(hub.thingName, device, cloud.clock)();
    const { status, body } = await cloud.call('POST', '/v1/certificates/commit', { token, body: { replaces } });
    return { status, body };
  };
  const isTaken = async (device?: Device) => {
    const token = await (device === undefined ? hub.token() : tokensOf(hub.thingName, device, cloud.clock)());
    return (await cloud.call('POST', '/v1/sync', { token, body: { v: 1 } })).status !== 401;
  };
  const toBeDeactivated = async (thingName = hub.thingName) => {
    const rows = await cloud.context.db.asOwner((tx) =>
      queryRows(tx, TaskSchema, sql`select certificate_id, thing_name from iot_task where thing_name = ${thingName}`),
    );
    return [...new Set(rows.map(({ certificate_id }) => certificate_id))];
  };

  test('a connected hub gets its next certificate, and both are good until it commits', async () => {
    expect(await ask()).toEqual(allowed());
    expect([await isTaken(), await isTaken(next)]).toEqual([true, true]);
    expect(await toBeDeactivated()).toEqual([]);
    const committed = { certificateId: next.certificateId, replaced: hub.certificateId };
    expect(await commit()).toEqual({ status: 200, body: committed });
    expect([await isTaken(), await isTaken(next)]).toEqual([false, true]);
    expect(await toBeDeactivated()).toEqual([hub.certificateId]);
    expect(await commit()).toEqual({ status: 200, body: committed });
  });

  test('a hub that lost the answer asks again, with the same certificate or a fresh one of the same key', async () => {
    const fresh = await makeDevice(EC, next.keys);
    for (const device of [next, next, fresh]) expect(await ask({}, device)).toEqual(allowed());
    expect([await isTaken(), await isTaken(next), await isTaken(fresh)]).toEqual([true, false, true]);
    expect(await toBeDeactivated()).toEqual([next.certificateId]);
    expect(await ask()).toEqual(refused('certificate-revoked'));
    expect(await commit(fresh)).toMatchObject({ status: 200 });
  });

  test('only the live certificate of that very thing may ask, as that thing', async () => {
    const other = await cloud.provision();
    expect(await ask({ claimCertificateId: other.certificateId })).toEqual(refused('certificate-not-live'));
    expect(await ask({ parameters: { hwId: other.hwId } })).toEqual(refused('certificate-not-live'));
    expect(await ask({ claimCertificateId: 'a'.repeat(64) })).toEqual(refused('certificate-not-live'));
    expect(await ask({ clientId: other.thingName })).toEqual(refused('client-id-mismatch'));
    expect(await ask({ parameters: {} })).toEqual(refused('malformed'));
    expect(await ask()).toEqual(allowed());
    const third = await makeDevice();
    expect(await ask({ claimCertificateId: next.certificateId }, third)).toEqual(refused('certificate-not-live'));
    await commit();
    expect(await ask({}, third)).toEqual(refused('certificate-not-live'));
    expect(await ask({ claimCertificateId: next.certificateId }, third)).toEqual(allowed());
  });

  test('a key that is weak, of another thing, or has been at work is refused', async () => {
    const p384 = await makeDevice({ name: 'ECDSA', namedCurve: 'P-384' });
    expect(await ask({}, p384)).toEqual(refused('key-type'));
    const mine = next;
    expect(await ask()).toEqual(allowed());
    await commit();
    const again = await makeDevice(EC, mine.keys);
    expect(await ask({ claimCertificateId: mine.certificateId }, again)).toEqual(refused('key-reused'));
    hub = await cloud.provision();
    expect(await ask({}, again)).toEqual(refused('duplicate-key'));
  });

  test('a certificate commits what it replaces and nothing else', async () => {
    const other = await cloud.provision();
    const notPending = { status: 409, body: { error: { code: 'certificate.not-pending' } } };
    await ask();
    expect(await commit(next, other.certificateId)).toMatchObject(notPending);
    const token = await hub.token();
    const body = { replaces: next.certificateId };
    expect(await cloud.call('POST', '/v1/certificates/commit', { token, body })).toMatchObject(notPending);
    expect([await isTaken(), await isTaken(next)]).toEqual([true, true]);
    expect(await toBeDeactivated()).toEqual([]);
  });

  test('what is not committed within a day is revoked, and the old certificate stays good', async () => {
    await ask();
    cloud.clock.nowMs += COMMIT_WITHIN_MS;
    expect(await commit()).toMatchObject({ status: 409 });
    await cloud.context.db.inRole('app_system', null, (tx) => expirePending(tx, cloud.context));
    expect([await isTaken(), await isTaken(next)]).toEqual([true, false]);
    expect(await toBeDeactivated()).toEqual([next.certificateId]);
    expect(await ask({}, await makeDevice(EC, next.keys))).toEqual(allowed());
  });

  const tellFailure = async (from: TestHub, certificateId: string | undefined) => {
    const boot = v7();
    const wall = new Date(cloud.clock.nowMs).toISOString();
    const body = { reason: 'job', step: 'verify', code: 'rotation.new-pair-refused', message: 'no', certificateId };
    const event = { id: v7(), type: 'certificate.rotation-failed', tv: 1, boot, mono: 0, wall, wq: 0, body };
    const logs = [{ lane: 0, first: 1, lastId: event.id, events: [event] }];
    const place = {
      v: 1,
      epoch: '0'.repeat(32),
      boot,
      monoNow: 0,
      wallNow: wall,
      wq: 0,
      after: {},
      regs: [],
      gaps: [],
    };
    const rest = { logs, downGen: null, downAcked: 0, freeBytes: null, want: { down: 0 } };
    return await cloud.call('POST', '/v1/sync', { token: await from.token(), body: { ...place, ...rest } });
  };

  // It stayed active and attached for a day, beside the one with which the hub worked.
  test('what a hub gave up in a rotation that failed is revoked, and switched off at AWS IoT', async () => {
    await ask();
    expect(await tellFailure(hub, next.certificateId)).toMatchObject({ status: 200, body: { rejects: [] } });
    expect([await isTaken(), await isTaken(next)]).toEqual([true, false]);
    expect(await toBeDeactivated()).toEqual([next.certificateId]);
    expect(await ask({}, await makeDevice())).toEqual(allowed());
  });

  test('no word about a failure revokes what is at work, is of another hub, or came later', async () => {
    const other = await cloud.provision();
    await ask();
    for (const [from, about] of [
      [hub, hub.certificateId],
      [other, next.certificateId],
      [await cloud.provision(), undefined],
    ] as const) {
      expect(await tellFailure(from, about)).toMatchObject({ status: 200, body: { rejects: [] } });
    }
    expect([await isTaken(), await isTaken(next)]).toEqual([true, true]);
    expect(await toBeDeactivated()).toEqual([]);
    expect(await commit()).toMatchObject({ status: 200 });
  });

  test('the operator tells a hub to rotate, and a later word takes the place of an earlier one', async () => {
    const order = (hwId: string, token = OPERATOR_TOKEN) =>
      cloud.call('POST', `/v1/operator/hardware/${hwId}/rotate`, { token });
    const { status, body } = await order(hub.hwId);
    expect([status, body]).toEqual([202, { cmdId: expect.any(String), state: 'QUEUED' }]);
    await order(hub.hwId);
    const sent = cloud.published.filter(({ thingName }) => thingName === hub.thingName).map(({ command }) => command);
    expect(sent).toMatchObject([1, 2].map(() => ({ kind: 'rotate', slot: 'rotate', body: { reason: 'operator' } })));
    expect(sent[1]?.rev).toBeGreaterThan(sent[0]?.rev ?? 0);
    expect(await order('ff'.repeat(10))).toMatchObject({ status: 404, body: { error: { code: 'hub_not_found' } } });
    expect(await order(hub.hwId, HOOK_TOKEN)).toMatchObject({ status: 401 });
  });

  test('a thing asks ten times an hour at most, and nobody uses up its tries', async () => {
    const other = await cloud.provision();
    for (let tries = 0; tries < 12; tries += 1) await ask({ claimCertificateId: other.certificateId });
    for (let tries = 0; tries < 10; tries += 1) expect(await ask()).toEqual(allowed());
    for (let tries = 0; tries < 12; tries += 1) expect(await ask()).toEqual(refused('rate-limited'));
    cloud.clock.nowMs += 60 * 60_000 + 1;
    expect(await ask()).toEqual(allowed());
  });
});
