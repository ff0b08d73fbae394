import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestCloud, TRUSTED_PROXY } from '../../test/support/cloud.js';
import { testEngines } from '../../test/support/cloud-databases.js';
import {
  ATTACKERS,
  endCodes,
  expectedHits,
  outcomeOf,
  permittedInAnHour,
  plantCodes,
  plantTries,
} from '../../test/support/guessing.js';
import { asSystem } from '../database/database.js';
import { forgetTries, GuessLimit } from './guess-limit.js';
import { claimTry } from './tables.js';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const WRONG = 'BBBB-BBBB';

describe.each(testEngines())('on $name', (engine) => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await TestCloud.start(engine);
  });
  afterAll(() => cloud.close());

  const lookUp = (token: string, code: string, ip: string) =>
    cloud.call('POST', '/api/v1/claims', { token, body: { code }, ip });
  const pass = (ms: number) => {
    cloud.clock.nowMs += ms;
  };
  const codeOf = ({ body }: { body: unknown }) => JSON.stringify(body).match(/"code":"([^"]*)"/)?.[1];

  test('five wrong codes end the tries of an account for a while, from whatever network', async () => {
    const { accessToken } = await cloud.signUp();
    const statuses: number[] = [];
    for (let tries = 0; tries < 5; tries += 1) {
      statuses.push((await lookUp(accessToken, WRONG, `10.9.${tries}.1`)).status);
      pass(6 * SECOND_MS);
    }
    expect(statuses).toEqual([404, 404, 404, 404, 404]);
    const refused = await lookUp(accessToken, WRONG, '10.9.9.1');
    expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '570' } });
    expect(codeOf(refused)).toBe('rate_limited');
    pass(10 * MINUTE_MS);
    expect((await lookUp(accessToken, WRONG, '10.9.9.1')).status).toBe(404);
  });

  test('ten wrong codes lock an account for the rest of the day, in an instance that was started anew too', async () => {
    const guesser = { accountId: v7(), address: '10.10.0.1' };
    const outcome = () => outcomeOf(new GuessLimit(cloud.context), 'code', guesser);
    const outcomes: string[] = [];
    for (let tries = 0; tries < 11; tries += 1) {
      outcomes.push(await outcome());
      pass(3 * MINUTE_MS);
    }
    expect(outcomes).toEqual([...Array.from({ length: 10 }, () => 'claim.not-found'), 'rate_limited']);
    pass(23 * HOUR_MS);
    expect(await outcome()).toBe('rate_limited');
    pass(HOUR_MS);
    expect(await outcome()).toBe('claim.not-found');
  });

  test('a network is limited as one, however many accounts and addresses it has', async () => {
    const limit = new GuessLimit(cloud.context);
    const outcomes: string[] = [];
    for (let nth = 0; nth < 22; nth += 1) {
      outcomes.push(await outcomeOf(limit, 'code', { accountId: v7(), address: `2001:db8:7:${nth}::1` }));
    }
    expect(outcomes.filter((outcome) => outcome === 'claim.not-found')).toHaveLength(20);
    expect(outcomes.slice(20)).toEqual(['rate_limited', 'rate_limited']);
    expect(await outcomeOf(limit, 'code', { accountId: v7(), address: '2001:db8:8::1' })).toBe('claim.not-found');
  });

  test('behind a proxy that is trusted, tries are counted for the network of the caller and not of the proxy', async () => {
    const people = await Promise.all(Array.from({ length: 22 }, () => cloud.signUp()));
    const statuses = await Promise.all(
      people.map(async ({ accessToken }, place) => {
        const headers = { 'x-forwarded-for': `10.8.${place}.1` };
        const asked = { token: accessToken, body: { code: WRONG }, headers, ip: TRUSTED_PROXY };
        return (await cloud.call('POST', '/api/v1/claims', asked)).status;
      }),
    );
    expect(statuses).toEqual(people.map(() => 404));
  });

  test('a hundred guesses at once pass no limit', async () => {
    const limit = new GuessLimit(cloud.context);
    const accountId = v7();
    const ofOne = await Promise.all(
      Array.from({ length: 100 }, (_, nth) => outcomeOf(limit, 'code', { accountId, address: `10.20.${nth}.1` })),
    );
    expect(ofOne.filter((outcome) => outcome === 'claim.not-found')).toHaveLength(1);
    expect(ofOne.filter((outcome) => outcome === 'slow_down')).toHaveLength(99);
    const ofMany = await Promise.all(
      Array.from({ length: 100 }, () => outcomeOf(limit, 'code', { accountId: v7(), address: '10.21.0.1' })),
    );
    expect(ofMany.filter((outcome) => outcome === 'claim.not-found')).toHaveLength(20);
    expect(ofMany.filter((outcome) => outcome === 'rate_limited')).toHaveLength(80);
  });

  test('who tries again too soon is told to slow down, each time by five seconds more, and is not heard', async () => {
    const person = await cloud.signUp();
    const hub = await cloud.provision();
    await cloud.services.claimCodes.request(hub.thingName, v7());
    const right = () => lookUp(person.accessToken, cloud.codeOf(hub), '10.30.0.1');
    expect((await lookUp(person.accessToken, WRONG, '10.30.0.1')).status).toBe(404);
    pass(4 * SECOND_MS);
    const early = await right();
    expect(early).toMatchObject({ status: 429, headers: { 'retry-after': '10' } });
    expect(early.body).toMatchObject({ error: { code: 'slow_down', details: { retryAfterS: 10, intervalS: 10 } } });
    pass(9 * SECOND_MS);
    expect(await right()).toMatchObject({ status: 429, headers: { 'retry-after': '15' } });
    pass(15 * SECOND_MS);
    expect((await right()).status).toBe(200);
    expect((await lookUp(person.accessToken, WRONG, '10.30.0.1')).status).toBe(404);
    pass(5 * SECOND_MS);
    expect((await right()).status).toBe(200);
  });

  test('with a thousand codes alive, all that the limits let through hits less than once in ten thousand hours', async () => {
    pass(24 * HOUR_MS);
    const [planted, live] = [980, 1000];
    await plantCodes(cloud, live);
    await plantTries(cloud, planted);
    const driven = await permittedInAnHour(new GuessLimit(cloud.context), cloud.clock, ATTACKERS.world());
    expect(planted + driven).toBe(1000);
    expect(await endCodes(cloud)).toBe(live);
    expect(expectedHits(planted + driven, live)).toBeLessThan(1e-4);
    expect(cloud.logged.join('')).toContain('wrong tries of all accounts reached their limit');
  });

  // A fleet of unbound hubs shows more codes than the limit was reckoned for: some guess of each day would have hit.
  test('the more codes are alive, the fewer tries the world has, and no more of them hit', async () => {
    pass(24 * HOUR_MS);
    const [planted, live] = [229, 10_240];
    await plantCodes(cloud, live);
    await plantTries(cloud, planted);
    const driven = await permittedInAnHour(new GuessLimit(cloud.context), cloud.clock, ATTACKERS.world());
    expect(planted + driven).toBe(249);
    expect(await endCodes(cloud)).toBe(live);
    expect(expectedHits(planted + driven, live)).toBeLessThan(1e-4);
  });

  // Who showed the receipt before the hub had told of itself was shut out of the own hub until the next day.
  test('who shows a receipt ten times before the hub is online again is not shut out for the day', async () => {
    const guesser = { accountId: v7(), address: '10.40.0.1' };
    const limit = new GuessLimit(cloud.context);
    for (let tries = 0; tries < 10; tries += 1) {
      expect(await outcomeOf(limit, 'receipt', guesser)).toBe('claim.not-found');
      pass(SECOND_MS);
    }
    expect(await outcomeOf(limit, 'receipt', guesser)).toBe('rate_limited');
    pass(10 * MINUTE_MS);
    expect(await outcomeOf(limit, 'receipt', guesser)).toBe('claim.not-found');
  });

  test('tries that count no more are forgotten', async () => {
    pass(25 * HOUR_MS);
    await asSystem(cloud.context.db, (tx) => forgetTries(tx, new Date(cloud.clock.nowMs)));
    expect(await asSystem(cloud.context.db, (tx) => tx.select().from(claimTry))).toEqual([]);
  });
});
