import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { TestCloud, type TestPerson } from '../../test/support/cloud.js';
import { testEngines } from '../../test/support/cloud-databases.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const ClaimSchema = z.object({ claimId: z.string(), word: z.string() });

describe.each(testEngines())('on $name', (engine) => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await TestCloud.start(engine);
  });
  afterAll(() => cloud.close());

  const offer = (person: TestPerson, hubId: string) =>
    cloud.call('POST', `/api/v1/hubs/${hubId}/transfer`, { token: person.accessToken });
  const cancel = (person: TestPerson, hubId: string) =>
    cloud.call('DELETE', `/api/v1/hubs/${hubId}/transfer`, { token: person.accessToken });
  const lookUp = (person: TestPerson, code: string) =>
    cloud.call('POST', '/api/v1/claims', { token: person.accessToken, body: { code } });
  const confirm = (person: TestPerson, claimId: string) =>
    cloud.call('POST', `/api/v1/claims/${claimId}/confirm`, { token: person.accessToken });
  const listed = async (person: TestPerson) =>
    (await cloud.call('GET', '/api/v1/transfers', { token: person.accessToken })).body;

  test('a hub is handed on: offered, its code typed by the other, confirmed, and both are told', async () => {
    const owner = await cloud.signUp('The Larks');
    const other = await cloud.signUp('The Wrens');
    const hub = await cloud.bindHub(owner);
    expect((await offer(owner, hub.hubId)).status).toBe(200);
    expect(cloud.published.at(-1)?.command).toMatchObject({
      kind: 'claim_code',
      body: { transfer: { fromHouseholdId: owner.householdId } },
    });
    const refresh = `/api/v1/displays/${hub.displayId}/refresh`;
    expect((await cloud.call('POST', refresh, { token: owner.accessToken })).status).toBe(202);

    const { claimId } = ClaimSchema.parse((await lookUp(other, cloud.codeOf(hub))).body);
    expect(cloud.published.at(-1)?.command).toMatchObject({
      kind: 'claim_asked',
      body: { householdName: 'The Wrens', transfer: true },
    });
    expect((await confirm(other, claimId)).body).toMatchObject({ displays: [{ id: hub.displayId }] });
    expect(cloud.published.at(-1)?.command).toMatchObject({
      kind: 'bound',
      body: { householdId: other.householdId, householdName: 'The Wrens' },
    });
    expect(await cloud.services.hubs.list(owner.householdId)).toEqual([]);
    expect(await cloud.services.hubs.list(other.householdId)).toMatchObject([{ id: hub.hubId }]);
    expect((await cloud.call('POST', refresh, { token: owner.accessToken })).status).toBe(404);
    expect(await listed(owner)).toMatchObject({ items: [{ hubId: hub.hubId, side: 'from', state: 'accepted' }] });
    expect(await listed(other)).toMatchObject({ items: [{ hubId: hub.hubId, side: 'to', state: 'accepted' }] });
    expect((await confirm(other, claimId)).status).toBe(200);
    expect((await cancel(owner, hub.hubId)).status).toBe(404);
  });

  test('an offer that is taken back gives the glass back, and its code is worth nothing', async () => {
    const owner = await cloud.signUp();
    const other = await cloud.signUp();
    const hub = await cloud.bindHub(owner);
    await offer(owner, hub.hubId);
    const code = cloud.codeOf(hub);
    const { claimId } = ClaimSchema.parse((await lookUp(other, code)).body);
    expect((await cancel(owner, hub.hubId)).status).toBe(204);
    expect(cloud.published.at(-1)?.command).toMatchObject({ kind: 'claim_over' });
    expect((await confirm(other, claimId)).status).toBe(404);
    expect((await lookUp(other, code)).status).toBe(404);
    expect(await cloud.services.hubs.list(owner.householdId)).toHaveLength(1);
    expect(await listed(owner)).toMatchObject({ items: [{ state: 'cancelled' }] });
    const told = cloud.published.length;
    expect((await cancel(owner, hub.hubId)).status).toBe(204);
    expect(cloud.published.length).toBe(told);
  });

  test('an offer ends after a day, also for who has typed its last code', async () => {
    const owner = await cloud.signUp();
    const hub = await cloud.bindHub(owner);
    await offer(owner, hub.hubId);
    cloud.clock.nowMs += DAY_MS - 5 * MINUTE_MS;
    const [again, other] = [await cloud.services.accounts.refresh(owner.refreshToken), await cloud.signUp()];
    await cloud.call('POST', `/api/v1/hubs/${hub.hubId}/transfer`, { token: again.accessToken });
    expect(cloud.published.at(-1)?.command).toMatchObject({ kind: 'claim_code', remainingMs: 5 * MINUTE_MS });
    const { claimId } = ClaimSchema.parse((await lookUp(other, cloud.codeOf(hub))).body);
    cloud.clock.nowMs += 5 * MINUTE_MS;
    expect((await confirm(other, claimId)).status).toBe(404);
    const items = await cloud.call('GET', '/api/v1/transfers', { token: again.accessToken });
    expect(items.body).toMatchObject({ items: [{ state: 'expired' }] });
  });

  test('offering once more shows the same code again, and a new one when it is nearly over', async () => {
    const owner = await cloud.signUp();
    const hub = await cloud.bindHub(owner);
    const first = await offer(owner, hub.hubId);
    const code = cloud.codeOf(hub);
    expect((await offer(owner, hub.hubId)).body).toEqual(first.body);
    expect(cloud.codeOf(hub)).toBe(code);
    cloud.clock.nowMs += 9 * MINUTE_MS;
    expect((await offer(owner, hub.hubId)).body).toEqual(first.body);
    expect(cloud.codeOf(hub)).not.toBe(code);
  });

  // The page said that the hub was offered, and no code ever came onto its glass.
  test('who offers a hub that has shown thirty codes in an hour is told to wait, and nothing is offered', async () => {
    const owner = await cloud.signUp();
    const hub = await cloud.bindHub(owner);
    const statuses: number[] = [];
    for (let offers = 0; offers < 30; offers += 1) {
      statuses.push((await offer(owner, hub.hubId)).status);
      await cancel(owner, hub.hubId);
    }
    expect(statuses).toEqual([...Array.from({ length: 29 }, () => 200), 429]);
    const refused = await offer(owner, hub.hubId);
    expect(refused).toMatchObject({ headers: { 'retry-after': '3600' }, body: { error: { code: 'rate_limited' } } });
    expect(cloud.published.at(-1)?.command).toMatchObject({ kind: 'claim_over' });
    expect(await listed(owner)).not.toMatchObject({ items: [{ state: 'offered' }] });
  });

  test('nobody offers a hub of others, and nobody claims his own', async () => {
    const owner = await cloud.signUp();
    const stranger = await cloud.signUp();
    const hub = await cloud.bindHub(owner);
    expect((await offer(stranger, hub.hubId)).status).toBe(404);
    expect((await cancel(stranger, hub.hubId)).status).toBe(404);
    await offer(owner, hub.hubId);
    expect(await lookUp(owner, cloud.codeOf(hub))).toMatchObject({
      status: 409,
      body: { error: { code: 'invalid_state' } },
    });
  });

  test('the code of a hub that was bound meanwhile is worth nothing, and so is an offer after the hub was let go', async () => {
    const owner = await cloud.signUp();
    const other = await cloud.signUp();
    const hub = await cloud.bindHub(owner);
    await offer(owner, hub.hubId);
    const { claimId } = ClaimSchema.parse((await lookUp(other, cloud.codeOf(hub))).body);
    await cloud.call('DELETE', `/api/v1/hubs/${hub.hubId}`, { token: owner.accessToken });
    expect((await confirm(other, claimId)).status).toBe(404);
    expect(await listed(owner)).toMatchObject({ items: [{ state: 'cancelled' }] });
    const third = await cloud.signUp();
    const { code } = await cloud.showCode(hub, third);
    const mine = ClaimSchema.parse((await lookUp(third, code)).body);
    expect((await confirm(third, mine.claimId)).status).toBe(200);
    expect((await lookUp(other, code)).status).toBe(404);
  });
});
