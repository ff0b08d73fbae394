import { sql } from 'drizzle-orm';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { TestCloud } from '../../test/support/cloud.js';
import { testEngines } from '../../test/support/cloud-databases.js';
import { stateOf } from '../../test/support/cloud-devices.js';
import { queryRows } from '../database/database.js';

const MINUTE_MS = 60_000;
const HubsSchema = z.object({ items: z.array(z.looseObject({ id: z.string(), online: z.boolean() })) });

describe.each(testEngines())('on $name', (engine) => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await TestCloud.start(engine);
  });
  afterAll(() => cloud.close());

  const lookUp = (token: string, code: string) => cloud.call('POST', '/api/v1/claims', { token, body: { code } });
  const dump = async () => {
    const rows = await cloud.context.db.inRole('app_system', null, (tx) =>
      queryRows(
        tx,
        z.unknown(),
        sql`select row_to_json(c)::text from claim c union all select row_to_json(m)::text from command m`,
      ),
    );
    return JSON.stringify(rows);
  };

  test('a hub asks, the glass shows a code, a person types it and confirms: the hub belongs to the household', async () => {
    const person = await cloud.signUp();
    const hub = await cloud.provision();
    await cloud.services.hubs.noteState(hub.thingName, stateOf(hub, cloud.clock, [{ name: 'Hall' }]));
    await cloud.services.claimCodes.request(hub.thingName, v7());
    const shown = cloud.published.at(-1)?.command;
    expect(shown).toMatchObject({ kind: 'claim_code', slot: 'claim', downSeq: 1, remainingMs: 10 * MINUTE_MS });
    const code = cloud.codeOf(hub);
    expect(shown?.body).toMatchObject({ code, url: `http://127.0.0.1:3000/bind#code=${code}` });

    const found = await lookUp(person.accessToken, code.toLowerCase().replace('-', ' '));
    expect(found.status).toBe(200);
    expect(found.body).toMatchObject({ model: 'inklet-hub-1', hwIdLast4: hub.hwId.slice(-4) });
    const { claimId, word } = z.object({ claimId: z.string(), word: z.string() }).parse(found.body);
    expect(shown?.body).toMatchObject({ word });
    expect(cloud.published.at(-1)?.command).toMatchObject({
      kind: 'claim_asked',
      slot: 'claim',
      downSeq: 2,
      body: { claimId, householdName: 'The Larks', word },
    });

    const bound = await cloud.call('POST', `/api/v1/claims/${claimId}/confirm`, { token: person.accessToken });
    expect(bound.body).toMatchObject({
      hub: { thingName: hub.thingName },
      displays: [{ name: 'Hall', panel: '7in5_V2' }],
    });
    expect(cloud.published.at(-1)?.command).toMatchObject({
      kind: 'bound',
      slot: 'binding',
      downSeq: 3,
      body: { householdId: person.householdId, householdName: 'The Larks' },
    });
    const { body } = await cloud.call('GET', '/api/v1/hubs', { token: person.accessToken });
    expect(HubsSchema.parse(body).items).toMatchObject([{ thingName: hub.thingName, version: '1.0.0' }]);

    const again = await cloud.call('POST', `/api/v1/claims/${claimId}/confirm`, { token: person.accessToken });
    expect(again.body).toEqual(bound.body);
    expect((await lookUp(person.accessToken, code)).status).toBe(404);
  });

  test('no table holds a claim code, neither while it lives nor afterwards', async () => {
    const hub = await cloud.provision();
    await cloud.services.claimCodes.request(hub.thingName, v7());
    const code = cloud.codeOf(hub);
    expect(code).toMatch(/^[A-Z]{4}-[A-Z]{4}$/);
    const stored = await dump();
    expect(stored).not.toContain(code);
    expect(stored).not.toContain(code.replace('-', ''));
    expect(cloud.logged.join('')).not.toContain(code);
  });

  test('a repeated request gets the same code, a new one kills the code before', async () => {
    const person = await cloud.signUp();
    const hub = await cloud.provision();
    const requestId = v7();
    await cloud.services.claimCodes.request(hub.thingName, requestId);
    const first = cloud.codeOf(hub);
    await cloud.services.claimCodes.request(hub.thingName, requestId);
    expect(cloud.codeOf(hub)).toBe(first);
    await cloud.services.claimCodes.request(hub.thingName, v7());
    expect(cloud.codeOf(hub)).not.toBe(first);
    expect((await lookUp(person.accessToken, first)).status).toBe(404);
    cloud.clock.nowMs += 5_000;
    expect((await lookUp(person.accessToken, cloud.codeOf(hub))).status).toBe(200);
  });

  test('a code lives ten minutes, also when it was typed in time', async () => {
    const hub = await cloud.provision();
    const person = await cloud.signUp();
    const { claimId, code } = await cloud.showCode(hub, person);
    cloud.clock.nowMs += 10 * MINUTE_MS;
    expect((await cloud.call('POST', `/api/v1/claims/${claimId}/confirm`, { token: person.accessToken })).status).toBe(
      404,
    );
    expect((await lookUp(person.accessToken, code)).status).toBe(404);
  });

  test('only who typed the code may confirm or decline, and who typed it last', async () => {
    const hub = await cloud.provision();
    const first = await cloud.signUp('The Firsts');
    const { claimId, code } = await cloud.showCode(hub, first);
    const stranger = await cloud.signUp('The Strangers');
    for (const step of ['confirm', 'decline']) {
      const { status } = await cloud.call('POST', `/api/v1/claims/${claimId}/${step}`, { token: stranger.accessToken });
      expect(status).toBe(404);
    }
    expect((await lookUp(stranger.accessToken, code)).status).toBe(200);
    expect(cloud.published.at(-1)?.command.body).toMatchObject({ householdName: 'The Strangers' });
    const confirm = `/api/v1/claims/${claimId}/confirm`;
    expect((await cloud.call('POST', confirm, { token: first.accessToken })).status).toBe(404);
    expect((await cloud.call('POST', confirm, { token: stranger.accessToken })).status).toBe(200);
  });

  test('the glass is told once who asks, however often the same person types the code', async () => {
    const hub = await cloud.provision();
    const person = await cloud.signUp();
    const { code } = await cloud.showCode(hub, person);
    const told = cloud.published.length;
    expect((await lookUp(person.accessToken, code)).status).toBe(200);
    expect(cloud.published.length).toBe(told);
  });

  test('who sees another word says no: the code is dead, and the hub shows a new one', async () => {
    const hub = await cloud.provision();
    const person = await cloud.signUp();
    const { claimId, code } = await cloud.showCode(hub, person);
    const decline = () => cloud.call('POST', `/api/v1/claims/${claimId}/decline`, { token: person.accessToken });
    expect((await decline()).status).toBe(204);
    expect(cloud.published.at(-1)).toMatchObject({ thingName: hub.thingName, command: { kind: 'claim_code' } });
    const fresh = cloud.codeOf(hub);
    expect(fresh).not.toBe(code);
    const told = cloud.published.length;
    expect((await decline()).status).toBe(204);
    expect(cloud.published.length).toBe(told);
    expect((await cloud.call('POST', `/api/v1/claims/${claimId}/confirm`, { token: person.accessToken })).status).toBe(
      404,
    );
    expect((await lookUp(person.accessToken, fresh)).status).toBe(200);
  });

  test('a hub that asks without end gets thirty codes an hour, whichever instance it asks', async () => {
    const hub = await cloud.provision();
    for (let asked = 0; asked < 32; asked += 1) await cloud.services.claimCodes.request(hub.thingName, v7());
    const sent = () => cloud.published.filter(({ thingName }) => thingName === hub.thingName).length;
    expect(sent()).toBe(30);
    cloud.clock.nowMs += 60 * MINUTE_MS;
    await cloud.services.claimCodes.request(hub.thingName, v7());
    expect(sent()).toBe(31);
  });

  test('a hub that is let go is told so, and takes its displays and what was on its way out of the household', async () => {
    const person = await cloud.signUp();
    const { hubId, thingName, displayId } = await cloud.bindHub(person);
    const refresh = `/api/v1/displays/${displayId}/refresh`;
    expect((await cloud.call('POST', refresh, { token: person.accessToken })).status).toBe(202);
    const stranger = await cloud.signUp();
    expect((await cloud.call('DELETE', `/api/v1/hubs/${hubId}`, { token: stranger.accessToken })).status).toBe(404);
    expect((await cloud.call('DELETE', `/api/v1/hubs/${hubId}`, { token: person.accessToken })).status).toBe(204);
    expect(cloud.published.at(-1)).toMatchObject({
      thingName,
      command: { kind: 'unbound', body: { reason: 'released' } },
    });
    expect((await cloud.call('POST', refresh, { token: person.accessToken })).status).toBe(404);
    expect((await cloud.call('GET', '/api/v1/hubs', { token: person.accessToken })).body).toEqual({ items: [] });
    const states = await cloud.context.db.inRole('app_system', null, (tx) =>
      queryRows(
        tx,
        z.object({ kind: z.string(), state: z.string() }),
        sql`select kind, state from command where hub_id = ${hubId} order by down_seq`,
      ),
    );
    expect(states).toEqual([
      { kind: 'claim_code', state: 'SUPERSEDED' },
      { kind: 'claim_asked', state: 'SUPERSEDED' },
      { kind: 'bound', state: 'SUPERSEDED' },
      { kind: 'refresh', state: 'SUPERSEDED' },
      { kind: 'unbound', state: 'QUEUED' },
    ]);
    await cloud.bindHub(stranger, { displayId: v7() });
  });

  test('a hub that is let go is not given again what the household had asked of it, though it lost its store', async () => {
    const person = await cloud.signUp();
    const { hubId, displayId } = await cloud.bindHub(person);
    const received = sql`update command set state = 'RECEIVED' where hub_id = ${hubId} and kind = 'refresh'`;
    await cloud.call('POST', `/api/v1/displays/${displayId}/refresh`, { token: person.accessToken });
    await cloud.context.db.inRole('app_system', null, (tx) => tx.execute(received));
    await cloud.call('DELETE', `/api/v1/hubs/${hubId}`, { token: person.accessToken });
    const { down } = await cloud.context.db.inRole('app_system', null, (tx) =>
      cloud.services.delivery.offer(tx, { hubId, gen: 'g', cursor: 0, limit: 100 }),
    );
    expect(down.map((one) => ('kind' in one ? one.kind : one.tombstone))).toEqual([
      ...['superseded', 'superseded', 'superseded', 'superseded', 'unbound'],
    ]);
  });

  test('a display that its hub has no longer leaves the household, and comes back with the hub that reports it', async () => {
    const person = await cloud.signUp();
    const hub = await cloud.bindHub(person);
    const pat = await cloud.personalAccessToken(person);
    const listed = async () => {
      const { body } = await cloud.call('GET', '/api/sdk/v1/displays', { token: pat });
      return z
        .object({ items: z.array(z.object({ id: z.string() })) })
        .parse(body)
        .items.map(({ id }) => id);
    };
    const fresh = v7();
    const tell = (displayId: string, rev: number) =>
      cloud.services.hubs.noteState(hub.thingName, stateOf(hub, cloud.clock, [{ displayId }], rev));
    await tell(fresh, 2);
    expect(await listed()).toEqual([fresh]);
    await tell(hub.displayId, 3);
    expect(await listed()).toEqual([hub.displayId]);
    await cloud.call('DELETE', `/api/v1/hubs/${hub.hubId}`, { token: person.accessToken });
    const { claimId } = await cloud.showCode(hub, person);
    const { body } = await cloud.call('POST', `/api/v1/claims/${claimId}/confirm`, { token: person.accessToken });
    expect(body).toMatchObject({ displays: [{ id: hub.displayId }] });
    expect(await listed()).toEqual([hub.displayId]);
  });

  test('a bound hub that lost its store and asks again is told whose it is', async () => {
    const person = await cloud.signUp();
    const { thingName } = await cloud.bindHub(person);
    await cloud.services.claimCodes.request(thingName, v7());
    expect(cloud.published.at(-1)).toMatchObject({ thingName, command: { kind: 'bound' } });
  });

  test('a display of another household is neither identified nor refreshed', async () => {
    const { displayId } = await cloud.bindHub(await cloud.signUp());
    const { accessToken } = await cloud.signUp();
    for (const order of ['identify', 'refresh']) {
      const { status, body } = await cloud.call('POST', `/api/v1/displays/${displayId}/${order}`, {
        token: accessToken,
      });
      expect(status).toBe(404);
      expect(body).toMatchObject({ error: { code: 'display_not_found' } });
    }
  });

  test('a display is identified in a slot of its own', async () => {
    const person = await cloud.signUp();
    const { displayId } = await cloud.bindHub(person);
    const { status } = await cloud.call('POST', `/api/v1/displays/${displayId}/identify`, {
      token: person.accessToken,
      body: { showForS: 30 },
    });
    expect(status).toBe(202);
    expect(cloud.published.at(-1)?.command).toMatchObject({
      slot: `identify:${displayId}`,
      body: { displayId, showForS: 30 },
    });
  });

  test('a hub is online until twice the promised span has passed without a heartbeat', async () => {
    const person = await cloud.signUp();
    const { thingName } = await cloud.bindHub(person);
    const { hubs } = cloud.services;
    const online = async () => {
      const [hub] = await hubs.list(person.householdId);
      return hub?.online;
    };
    expect(await online()).toBe(false);
    await cloud.beat({ thingName });
    cloud.clock.nowMs += 119_000;
    expect(await online()).toBe(true);
    cloud.clock.nowMs += 1_000;
    expect(await online()).toBe(false);
  });

  test('an older state and a foreign display change nothing', async () => {
    const person = await cloud.signUp();
    const mine = await cloud.bindHub(person, { name: 'Mine' });
    const other = await cloud.provision();
    const { hubs } = cloud.services;
    const names = async () => {
      const rows = await cloud.context.db.inRole('app_system', null, (tx) =>
        queryRows(tx, z.object({ name: z.string() }), sql`select name from display where id = ${mine.displayId}`),
      );
      return rows.map(({ name }) => name);
    };
    await hubs.noteState(other.thingName, stateOf(other, cloud.clock, [{ displayId: mine.displayId, name: 'Stolen' }]));
    expect(await names()).toEqual(['Mine']);
    const renamed = (name: string, rev: number) =>
      hubs.noteState(mine.thingName, stateOf(mine, cloud.clock, [{ displayId: mine.displayId, name }], rev));
    await renamed('Newer', 5);
    await renamed('Older', 4);
    expect(await names()).toEqual(['Newer']);
  });
});
