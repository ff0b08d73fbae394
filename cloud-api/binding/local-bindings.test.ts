import { randomBytes } from 'node:crypto';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { publicHandleFor } from '../../provisioning/hw-id/index.js';
import { OPERATOR_TOKEN, TestCloud, type TestPerson } from '../../test/support/cloud.js';
import { testEngines } from '../../test/support/cloud-databases.js';
import { stateOf, type TestHub } from '../../test/support/cloud-devices.js';
import { tellLocalBinding } from '../../test/support/local-binding-news.js';
import { SUN_KEYS, SunTag } from '../../test/support/sun-tag.js';

type Told = { bindingId: string; receipt: string };

describe.each(testEngines())('on $name', (engine) => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await TestCloud.start(engine);
  });
  afterAll(() => cloud.close());

  const newBinding = (): Told => ({ bindingId: v7(), receipt: randomBytes(32).toString('base64url') });
  const tell = async (hub: TestHub, { bindingId, receipt }: Told, more: { endedAt?: string } = {}) => {
    const reply = await tellLocalBinding(cloud, hub, receipt, { bindingId, ...more });
    expect(reply).toMatchObject({ status: 200, body: { acks: { 0: 1 }, rejects: [] } });
  };
  const adopt = (person: TestPerson, { receipt }: Told) =>
    cloud.call('POST', '/api/v1/claims/receipt', { token: person.accessToken, body: { receipt } });
  const lastTo = ({ thingName }: TestHub) =>
    cloud.published.filter((one) => one.thingName === thingName).at(-1)?.command;

  test('a hub that was bound at home belongs to the account that shows its receipt, and keeps what it shows', async () => {
    const [hub, person, told] = [await cloud.provision(), await cloud.signUp('The Larks'), newBinding()];
    await cloud.services.hubs.noteState(hub.thingName, stateOf(hub, cloud.clock, [{ name: 'Hall' }]));
    expect(await adopt(person, told)).toMatchObject({
      status: 404,
      body: { error: { code: 'binding.unknown-receipt' } },
    });
    await tell(hub, told);
    expect(lastTo(hub)).toBeUndefined();
    const adopted = await adopt(person, told);
    expect(adopted).toMatchObject({ status: 200, body: { displays: [{ name: 'Hall' }] } });
    expect(lastTo(hub)).toMatchObject({
      kind: 'bound',
      body: { householdId: person.householdId, householdName: 'The Larks', adopts: told.bindingId },
    });
    expect(await cloud.services.hubs.list(person.householdId)).toHaveLength(1);
    expect((await adopt(person, told)).body).toEqual(adopted.body);
    expect(JSON.stringify(cloud.logged)).not.toContain(told.receipt);
  });

  test('who finds the receipt later gets nothing by it', async () => {
    const [hub, person, thief, told] = [
      await cloud.provision(),
      await cloud.signUp(),
      await cloud.signUp(),
      newBinding(),
    ];
    await tell(hub, told);
    await adopt(person, told);
    expect(await adopt(thief, told)).toMatchObject({ status: 409, body: { error: { code: 'binding.vetoed' } } });
    expect(await cloud.services.hubs.list(thief.householdId)).toEqual([]);
  });

  test('a hub that is somebody’s here is told whose it is, and the receipt is worth nothing', async () => {
    const [owner, other, told] = [await cloud.signUp('The Owners'), await cloud.signUp(), newBinding()];
    const hub = await cloud.bindHub(owner);
    await tell(hub, told);
    expect(lastTo(hub)).toMatchObject({ kind: 'bound', body: { householdId: owner.householdId } });
    expect(lastTo(hub)?.body).not.toHaveProperty('adopts');
    expect((await adopt(other, told)).status).toBe(409);
    await cloud.call('DELETE', `/api/v1/hubs/${hub.hubId}`, { token: owner.accessToken });
    expect((await adopt(other, told)).status).toBe(409);
  });

  test('a hub that was let go here since, and still takes itself for bound, is told so', async () => {
    const [hub, person, told] = [await cloud.provision(), await cloud.signUp(), newBinding()];
    await tell(hub, told);
    await adopt(person, told);
    const [{ id } = { id: '' }] = await cloud.services.hubs.list(person.householdId);
    await cloud.call('DELETE', `/api/v1/hubs/${id}`, { token: person.accessToken });
    await tell(hub, told);
    expect(lastTo(hub)).toMatchObject({ kind: 'unbound' });
    expect((await adopt(person, told)).status).toBe(409);
  });

  test('a household that has left its hub at the hub cannot take it back by the old receipt', async () => {
    const [hub, person, told, next] = [await cloud.provision(), await cloud.signUp(), newBinding(), newBinding()];
    await tell(hub, told);
    await tell(hub, told, { endedAt: new Date(cloud.clock.nowMs).toISOString() });
    expect((await adopt(person, told)).status).toBe(409);
    cloud.clock.nowMs += 1;
    await tell(hub, next);
    expect((await adopt(person, next)).status).toBe(200);
  });

  test('a hub that is held at home is open to its receipt alone, until it asks for a code of the cloud again', async () => {
    const [hub, person, told] = [await cloud.provision(), await cloud.signUp(), newBinding()];
    cloud.context.settings.sunKeys = SUN_KEYS;
    const tag = new SunTag('https://inklet.app/h');
    const url = `/v1/operator/hardware/${hub.hwId}/sun-tag`;
    await cloud.call('PUT', url, { token: OPERATOR_TOKEN, body: { tagUid: tag.uid } });
    await cloud.beat(hub);
    await tell(hub, told);
    const sun = async () =>
      cloud.call('POST', '/api/v1/claims/sun', { token: person.accessToken, body: await tag.tap() });
    expect(await sun()).toMatchObject({ body: { error: { code: 'claim.not-found' } } });
    const body = { handle: publicHandleFor(hub.hwId) };
    await cloud.call('POST', '/api/v1/claims/tap', { token: person.accessToken, body });
    expect(lastTo(hub)).toBeUndefined();
    await cloud.services.claimCodes.request(hub.thingName, v7());
    expect((await sun()).status).toBe(200);
    expect((await adopt(person, told)).status).toBe(409);
  });

  // The request had waited at the broker while the cloud was away; it ended the binding, and the receipt was worth nothing.
  test('a code that was asked for before the hub was bound at home does not end that binding, one after it does', async () => {
    const idAt = (agoMs: number) => v7({ msecs: cloud.clock.nowMs - agoMs });
    const boundAt = (agoMs: number): Told => ({ ...newBinding(), bindingId: idAt(agoMs) });
    const [hub, left, person] = [await cloud.provision(), await cloud.provision(), await cloud.signUp()];
    const [told, over] = [boundAt(60_000), boundAt(60_000)];
    await tell(hub, told);
    await cloud.services.claimCodes.request(hub.thingName, idAt(120_000));
    expect(lastTo(hub)).toBeUndefined();
    expect((await adopt(person, told)).status).toBe(200);
    await tell(left, over);
    await cloud.services.claimCodes.request(left.thingName, idAt(30_000));
    expect(lastTo(left)).toMatchObject({ kind: 'claim_code' });
    expect((await adopt(person, over)).status).toBe(409);
  });

  test('a hub that was bound while its clock was years ahead can be claimed again once it is nobody’s', async () => {
    const hub = await cloud.provision();
    await tell(hub, { ...newBinding(), bindingId: v7({ msecs: cloud.clock.nowMs + 1e11 }) });
    await cloud.services.claimCodes.request(hub.thingName, v7({ msecs: cloud.clock.nowMs }));
    expect(lastTo(hub)).toMatchObject({ kind: 'claim_code' });
  });

  test('a hub cannot speak for the binding of another hub', async () => {
    const [hub, liar, person, told] = [
      await cloud.provision(),
      await cloud.provision(),
      await cloud.signUp(),
      newBinding(),
    ];
    await tell(hub, told);
    await tell(liar, told, { endedAt: new Date(cloud.clock.nowMs).toISOString() });
    expect(await adopt(person, told)).toMatchObject({ status: 200, body: { hub: { thingName: hub.thingName } } });
  });

  test('receipts that nobody gave out are counted, and soon refused', async () => {
    const person = await cloud.signUp();
    const statuses: number[] = [];
    for (let tries = 0; tries < 11; tries += 1) statuses.push((await adopt(person, newBinding())).status);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 404), 429]);
  });
});
