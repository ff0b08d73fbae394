import { randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { State } from '../../contract/index.js';
import { publicHandleFor } from '../../provisioning/hw-id/index.js';
import { TestCloud } from '../../test/support/cloud.js';
import { testEngines } from '../../test/support/cloud-databases.js';
import { stateOf, type TestHub } from '../../test/support/cloud-devices.js';
import { tellLocalBinding } from '../../test/support/local-binding-news.js';

describe.each(testEngines())('on $name', (engine) => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await TestCloud.start(engine);
  });
  afterAll(() => cloud.close());

  let rev = 1;
  /** The hub says whose it takes itself to be. */
  const say = (hub: TestHub, householdId: State['householdId']) => {
    rev += 1;
    const more = { bound: householdId != null, ...(householdId !== undefined && { householdId }) };
    return cloud.services.hubs.noteState(hub.thingName, stateOf(hub, cloud.clock, [], rev, more));
  };
  const told = ({ thingName }: TestHub) =>
    cloud.published.filter((one) => one.thingName === thingName).map(({ command }) => command);
  const waiting = async (hubId: string) => {
    const { down } = await cloud.context.db.inRole('app_system', null, (tx) =>
      cloud.services.delivery.offer(tx, { hubId, gen: 'g', cursor: 0, limit: 100 }),
    );
    return down.flatMap((one) => ('kind' in one ? [one.kind] : []));
  };
  /** Its hub has all of its commands, and they ended like this. */
  const end = (hubId: string, state: 'APPLIED' | 'FAILED') =>
    cloud.context.db.inRole('app_system', null, (tx) =>
      tx.execute(sql`update command set state = ${state} where hub_id = ${hubId} and state <> 'SUPERSEDED'`),
    );
  const letGo = async (hub: { hubId: string }, person: { accessToken: string }) => {
    expect((await cloud.call('DELETE', `/api/v1/hubs/${hub.hubId}`, { token: person.accessToken })).status).toBe(204);
  };

  // The hub came back, took itself for theirs, refused every code and never wiped what it showed: it was stranded.
  test('a hub that was let go while it was away is told so when it comes back, whatever codes were asked for meanwhile', async () => {
    const [person, stranger] = [await cloud.signUp(), await cloud.signUp()];
    const hub = await cloud.bindHub(person);
    await end(hub.hubId, 'APPLIED');
    await letGo(hub, person);
    await cloud.beat(hub);
    const body = { handle: publicHandleFor(hub.hwId) };
    await cloud.call('POST', '/api/v1/claims/tap', { token: stranger.accessToken, body });
    expect(await waiting(hub.hubId)).toEqual(['unbound', 'claim_code']);
  });

  test('a hub that was bound while it was away is told so, also when it was offered to others since', async () => {
    const person = await cloud.signUp();
    const hub = await cloud.bindHub(person);
    await cloud.call('POST', `/api/v1/hubs/${hub.hubId}/transfer`, { token: person.accessToken });
    expect(await waiting(hub.hubId)).toEqual(['bound', 'claim_code']);
  });

  test('a hub that missed the word is told again whose it is, once it says that it takes itself for another’s', async () => {
    const [person, next] = [await cloud.signUp(), await cloud.signUp()];
    const hub = await cloud.bindHub(person);
    await say(hub, null);
    expect(told(hub).filter(({ kind }) => kind === 'bound')).toHaveLength(1);
    await end(hub.hubId, 'FAILED');
    const before = told(hub).length;
    await say(hub, person.householdId);
    await say(hub, undefined);
    expect(told(hub)).toHaveLength(before);
    for (const mistaken of [null, next.householdId]) {
      await say(hub, mistaken);
      expect(told(hub).at(-1)).toMatchObject({ kind: 'bound', body: { householdId: person.householdId, again: true } });
      await end(hub.hubId, 'FAILED');
    }
    expect(told(hub)).toHaveLength(before + 2);
  });

  test('a hub that takes itself for a household’s that let it go is told to leave that one', async () => {
    const person = await cloud.signUp();
    const hub = await cloud.bindHub(person);
    await letGo(hub, person);
    await end(hub.hubId, 'FAILED');
    await say(hub, person.householdId);
    expect(told(hub).at(-1)).toMatchObject({
      kind: 'unbound',
      slot: 'binding',
      body: { householdId: person.householdId },
    });
    await end(hub.hubId, 'APPLIED');
    const before = told(hub).length;
    await say(hub, null);
    expect(told(hub)).toHaveLength(before);
  });

  test('a hub that was bound at home keeps that household, whether it is heard of already or not', async () => {
    const [hub, person] = [await cloud.provision(), await cloud.signUp()];
    const [bindingId, receipt] = [v7(), randomBytes(32).toString('base64url')];
    await say(hub, bindingId);
    await tellLocalBinding(cloud, hub, receipt, { bindingId });
    await say(hub, bindingId);
    expect(told(hub)).toEqual([]);
    await cloud.call('POST', '/api/v1/claims/receipt', { token: person.accessToken, body: { receipt } });
    const [{ id } = { id: '' }] = await cloud.services.hubs.list(person.householdId);
    await end(id, 'FAILED');
    await say(hub, bindingId);
    expect(told(hub).at(-1)).toMatchObject({ kind: 'bound', body: { adopts: bindingId, again: true } });
    await letGo({ hubId: id }, person);
    await end(id, 'FAILED');
    await say(hub, bindingId);
    expect(told(hub).at(-1)).toMatchObject({ kind: 'unbound', body: { householdId: bindingId } });
  });
});
