import { sql } from 'drizzle-orm';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { publicHandleFor } from '../../provisioning/hw-id/index.js';
import { OPERATOR_TOKEN, TestCloud, type TestPerson } from '../../test/support/cloud.js';
import { testEngines } from '../../test/support/cloud-databases.js';
import type { TestHub } from '../../test/support/cloud-devices.js';
import { SUN_KEYS, type SunLink, SunTag } from '../../test/support/sun-tag.js';
import { queryRows } from '../database/database.js';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const LINK = 'https://inklet.app/h';

describe.each(testEngines())('on $name', (engine) => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await TestCloud.start(engine);
    cloud.context.settings.sunKeys = SUN_KEYS;
  });
  afterAll(() => cloud.close());

  const tap = (person: TestPerson, hwId: string) =>
    cloud.call('POST', '/api/v1/claims/tap', { token: person.accessToken, body: { handle: publicHandleFor(hwId) } });
  const sun = (person: TestPerson, link: SunLink) =>
    cloud.call('POST', '/api/v1/claims/sun', { token: person.accessToken, body: link });
  const confirm = (person: TestPerson, found: { body: unknown }) => {
    const { claimId } = z.object({ claimId: z.string() }).parse(found.body);
    return cloud.call('POST', `/api/v1/claims/${claimId}/confirm`, { token: person.accessToken });
  };
  const giveTag = async (hub: Pick<TestHub, 'hwId'>) => {
    const tag = new SunTag(LINK);
    const url = `/v1/operator/hardware/${hub.hwId}/sun-tag`;
    expect((await cloud.call('PUT', url, { token: OPERATOR_TOKEN, body: { tagUid: tag.uid } })).status).toBe(200);
    return tag;
  };
  const onlineHub = async () => {
    const hub = await cloud.provision();
    await cloud.beat(hub);
    return hub;
  };
  /** All rows that a claim could change. */
  const snapshot = () =>
    cloud.context.db.inRole('app_system', null, (tx) =>
      queryRows(
        tx,
        z.unknown(),
        sql`select row_to_json(h)::text from hub h union all select row_to_json(c)::text from claim c
            union all select row_to_json(w)::text from hardware w
            union all select row_to_json(t)::text from sun_tag t order by 1`,
      ),
    );

  describe('a name plate', () => {
    test('lets a hub of nobody show a code, which is then typed as always: the tap alone binds nothing', async () => {
      const person = await cloud.signUp();
      const hub = await onlineHub();
      expect(await tap(person, hub.hwId)).toMatchObject({ status: 202, body: {} });
      const code = cloud.codeOf(hub);
      expect(code).toMatch(/^[A-Z]{4}-[A-Z]{4}$/);
      expect(await cloud.services.hubs.list(person.householdId)).toEqual([]);
      const found = await cloud.call('POST', '/api/v1/claims', { token: person.accessToken, body: { code } });
      expect((await confirm(person, found)).status).toBe(200);
    });

    test('tells nobody whether there is such a hub, whose it is or whether it is away, and changes none of them', async () => {
      const owned = await cloud.bindHub(await cloud.signUp());
      await cloud.beat(owned);
      const away = await cloud.provision();
      const person = await cloud.signUp();
      const before = [await snapshot(), cloud.published.length];
      const answers = [];
      for (const hwId of [owned.hwId, away.hwId, '00'.repeat(10)]) answers.push(await tap(person, hwId));
      for (const { status, body } of answers) expect([status, body]).toEqual([202, {}]);
      expect([await snapshot(), cloud.published.length]).toEqual(before);
    });

    test('does not replace a code that is good, so that taps cannot keep a household from typing it', async () => {
      const person = await cloud.signUp();
      const hub = await onlineHub();
      await cloud.services.claimCodes.request(hub.thingName, v7());
      const code = cloud.codeOf(hub);
      const told = cloud.published.length;
      await tap(person, hub.hwId);
      expect(cloud.published.length).toBe(told);
      cloud.clock.nowMs += 9 * MINUTE_MS;
      await cloud.beat(hub);
      await tap(person, hub.hwId);
      expect(cloud.codeOf(hub)).not.toBe(code);
    });

    test('brings the code of a hub that is offered back to its glass', async () => {
      const owner = await cloud.signUp();
      const hub = await cloud.bindHub(owner);
      await cloud.beat(hub);
      await cloud.call('POST', `/api/v1/hubs/${hub.hubId}/transfer`, { token: owner.accessToken });
      const code = cloud.codeOf(hub);
      const told = cloud.published.length;
      await tap(await cloud.signUp(), hub.hwId);
      expect(cloud.published.length).toBe(told + 1);
      expect(cloud.codeOf(hub)).toBe(code);
    });

    test('is limited: ten taps in ten minutes, and what is no handle is refused', async () => {
      const person = await cloud.signUp();
      const statuses: number[] = [];
      for (let taps = 0; taps < 11; taps += 1) statuses.push((await tap(person, '00'.repeat(10))).status);
      expect(statuses).toEqual([...Array.from({ length: 10 }, () => 202), 429]);
      const body = { handle: "'; drop table hub" };
      expect((await cloud.call('POST', '/api/v1/claims/tap', { token: person.accessToken, body })).status).toBe(400);
    });
  });

  describe('a tag that proves itself', () => {
    test('stands for the code: the glass shows who asks and the word, and the hub is theirs once they confirm', async () => {
      const person = await cloud.signUp('The Larks');
      const hub = await onlineHub();
      const tag = await giveTag(hub);
      const found = await sun(person, await tag.tap());
      expect(found).toMatchObject({ status: 200, body: { hwIdLast4: hub.hwId.slice(-4) } });
      const { word } = z.object({ word: z.string() }).parse(found.body);
      expect(cloud.published.at(-1)).toMatchObject({
        thingName: hub.thingName,
        command: { kind: 'claim_asked', body: { householdName: 'The Larks', word } },
      });
      expect(await cloud.services.hubs.list(person.householdId)).toEqual([]);
      expect((await confirm(person, found)).status).toBe(200);
      expect(await cloud.services.hubs.list(person.householdId)).toHaveLength(1);
    });

    test('shows the word that stands on the glass already, and ends the code beside it', async () => {
      const person = await cloud.signUp();
      const hub = await onlineHub();
      const tag = await giveTag(hub);
      await cloud.services.claimCodes.request(hub.thingName, v7());
      const shown = cloud.published.at(-1)?.command;
      const code = cloud.codeOf(hub);
      const found = await sun(person, await tag.tap());
      expect(shown?.body).toMatchObject(z.object({ word: z.string() }).parse(found.body));
      const typed = { token: (await cloud.signUp()).accessToken, body: { code } };
      expect((await cloud.call('POST', '/api/v1/claims', typed)).status).toBe(404);
    });

    // Somebody kept a photographed link, waited until the tag had been taken off and put on again, and claimed the hub.
    test('counts on where it was, also when it was taken off its hub and put on again, or on another', async () => {
      const [person, thief] = [await cloud.signUp(), await cloud.signUp()];
      const [hub, other] = [await onlineHub(), await onlineHub()];
      const tag = await giveTag(hub);
      const put = ({ hwId }: TestHub, tagUid: string | null) =>
        cloud.call('PUT', `/v1/operator/hardware/${hwId}/sun-tag`, { token: OPERATOR_TOKEN, body: { tagUid } });
      const [old, next] = [await tag.tap(), await tag.tap()];
      expect((await sun(person, old)).status).toBe(200);
      await put(hub, null);
      await put(hub, tag.uid);
      expect(await sun(thief, old)).toMatchObject({ status: 409, body: { error: { code: 'sun.replayed' } } });
      await put(hub, null);
      await put(other, tag.uid);
      expect((await sun(thief, old)).status).toBe(409);
      expect((await sun(person, next)).status).toBe(200);
    });

    test('put on two hubs at once is on one of them, and the other is refused', async () => {
      const hubs = await Promise.all(Array.from({ length: 6 }, () => cloud.provision()));
      const body = { tagUid: new SunTag(LINK).uid };
      const answers = await Promise.all(
        hubs.map(({ hwId }) =>
          cloud.call('PUT', `/v1/operator/hardware/${hwId}/sun-tag`, { token: OPERATOR_TOKEN, body }),
        ),
      );
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409, 409, 409]);
      const refused = answers.find(({ status }) => status === 409);
      expect(refused?.body).toMatchObject({ error: { code: 'invalid_state' } });
    });

    test('a minute after its link was first seen it is too late to confirm', async () => {
      const person = await cloud.signUp();
      const tag = await giveTag(await onlineHub());
      const found = await sun(person, await tag.tap());
      cloud.clock.nowMs += 60 * SECOND_MS;
      expect((await confirm(person, found)).status).toBe(404);
    });

    // Each read of the tag drew the glass anew, as often as somebody liked.
    test('of one hub is good for thirty claims an hour, codes that it has shown included', async () => {
      const hub = await onlineHub();
      const tag = await giveTag(hub);
      for (let asked = 0; asked < 28; asked += 1) await cloud.services.claimCodes.request(hub.thingName, v7());
      const people = [await cloud.signUp(), await cloud.signUp(), await cloud.signUp()];
      const statuses: number[] = [];
      for (const person of people) statuses.push((await sun(person, await tag.tap())).status);
      expect(statuses).toEqual([200, 200, 429]);
      expect(await sun(await cloud.signUp(), await tag.tap())).toMatchObject({ headers: { 'retry-after': '3600' } });
    });

    test('a link that was shown before, or is older than one that was, is refused and changes nothing', async () => {
      const [person, thief] = [await cloud.signUp(), await cloud.signUp()];
      const tag = await giveTag(await onlineHub());
      const [older, newer] = [await tag.tap(), await tag.tap()];
      expect((await sun(person, newer)).status).toBe(200);
      const before = [await snapshot(), cloud.published.length];
      for (const link of [older, newer]) {
        expect(await sun(thief, link)).toMatchObject({ status: 409, body: { error: { code: 'sun.replayed' } } });
      }
      expect([await snapshot(), cloud.published.length]).toEqual(before);
    });

    test('of one link shown twice at the same moment, one is taken', async () => {
      const people = [await cloud.signUp(), await cloud.signUp()];
      const link = await (await giveTag(await onlineHub())).tap();
      const statuses = await Promise.all(people.map(async (person) => (await sun(person, link)).status));
      expect(statuses.toSorted()).toEqual([200, 409]);
    });

    test.each([
      ['sun.wrong-mac', 403, (link: SunLink) => ({ ...link, cmac: '0'.repeat(16) })],
      ['sun.malformed', 400, (link: SunLink) => ({ ...link, piccData: '0'.repeat(32) })],
      ['sun.malformed', 400, (link: SunLink) => ({ ...link, cmac: 'x' })],
    ])('%s (%i): a link that no tag of ours made is refused and changes nothing', async (code, status, change) => {
      const person = await cloud.signUp();
      const tag = await giveTag(await onlineHub());
      const before = [await snapshot(), cloud.published.length];
      expect(await sun(person, change(await tag.tap()))).toMatchObject({ status, body: { error: { code } } });
      expect([await snapshot(), cloud.published.length]).toEqual(before);
    });

    test('the tag of a hub that is somebody’s, is away or has none opens nothing', async () => {
      const person = await cloud.signUp();
      const owned = await cloud.bindHub(await cloud.signUp());
      await cloud.beat(owned);
      const away = await cloud.provision();
      for (const tag of [await giveTag(owned), await giveTag(away)]) {
        expect(await sun(person, await tag.tap())).toMatchObject({ body: { error: { code: 'claim.not-found' } } });
      }
      expect(await sun(person, await new SunTag(LINK).tap())).toMatchObject({
        status: 404,
        body: { error: { code: 'sun.unknown-tag' } },
      });
    });

    test('a tag belongs to one hub, and a hub that gets another one counts anew', async () => {
      const [hub, other] = [await onlineHub(), await onlineHub()];
      const { uid: tagUid } = await giveTag(hub);
      const order = { token: OPERATOR_TOKEN, body: { tagUid } };
      expect((await cloud.call('PUT', `/v1/operator/hardware/${other.hwId}/sun-tag`, order)).status).toBe(409);
      expect((await cloud.call('PUT', `/v1/operator/hardware/${'00'.repeat(10)}/sun-tag`, order)).status).toBe(404);
      const tag = await giveTag(hub);
      expect((await sun(await cloud.signUp(), await tag.tap())).status).toBe(200);
    });
  });
});
