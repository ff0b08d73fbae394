import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { TestCloud, type TestPerson } from '../../test/support/cloud.js';
import { testEngines } from '../../test/support/cloud-databases.js';

const RefreshedSchema = z.object({ refreshToken: z.string(), accessToken: z.string() });
const SECOND_MS = 1000;

describe.each(testEngines())('on $name', (engine) => {
  let cloud: TestCloud;
  let person: TestPerson;
  beforeAll(async () => {
    cloud = await TestCloud.start(engine);
    person = await cloud.signUp();
  });
  afterAll(() => cloud.close());

  const refresh = async (refreshToken: string) => cloud.call('POST', '/auth/refresh', { body: { refreshToken } });
  const logIn = (email: string, password: string, ip = '10.0.0.1') =>
    cloud.call('POST', '/auth/log-in', { body: { email, password }, ip });

  test('a person who signs up has a household and owns it', async () => {
    const { status, body } = await cloud.call('GET', '/api/v1/household', { token: person.accessToken });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: person.householdId,
      name: 'The Larks',
      members: [{ accountId: person.accountId, role: 'owner' }],
    });
  });

  test('an address signs up once, in whatever case it is written', async () => {
    const again = { email: person.email.toUpperCase(), password: 'correct horse battery', householdName: 'Twice' };
    expect(await cloud.call('POST', '/auth/sign-up', { body: again })).toMatchObject({
      status: 409,
      body: { error: { code: 'email_taken' } },
    });
  });

  test('what is wrong with a sign-up is said by field, in the one envelope', async () => {
    const { status, body, headers } = await cloud.call('POST', '/auth/sign-up', {
      body: { email: 'nobody', password: 'short', householdName: ' ' },
    });
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { code: 'invalid_request', requestId: headers['x-request-id'] } });
    const { error } = z
      .object({ error: z.object({ details: z.object({ fields: z.array(z.object({ path: z.string() })) }) }) })
      .parse(body);
    expect(error.details.fields.map(({ path }) => path).sort()).toEqual(['email', 'householdName', 'password']);
  });

  // The database refused it: a 500.
  test.each(['a\u0000b', 'a\ud800b'])('a household is not named %j', async (householdName) => {
    const signUp = { email: 'odd@example.org', password: 'correct horse battery', householdName };
    const { status, body } = await cloud.call('POST', '/auth/sign-up', { body: signUp });
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { code: 'invalid_request' } });
  });

  test('the right password logs in, a wrong one and an unknown address are refused alike', async () => {
    expect((await logIn(person.email, 'correct horse battery')).status).toBe(200);
    const wrong = await logIn(person.email, 'wrong horse battery');
    const unknown = await logIn('nobody@example.org', 'wrong horse battery');
    for (const { status, body } of [wrong, unknown]) {
      expect(status).toBe(401);
      expect(body).toMatchObject({
        error: { code: 'authentication_failed', message: 'The e-mail address or the password is wrong.' },
      });
    }
  });

  test('tries for one account from one address are limited', async () => {
    const { email } = await cloud.signUp();
    const statuses: number[] = [];
    for (let tries = 0; tries < 11; tries += 1) statuses.push((await logIn(email, 'x', '10.0.0.9')).status);
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429]);
  });

  test('ten wrong passwords from anywhere lock the account for a minute, also for the right one', async () => {
    const { email } = await cloud.signUp();
    for (let tries = 0; tries < 10; tries += 1) await logIn(email, 'x', `10.1.0.${tries}`);
    expect((await logIn(email, 'correct horse battery', '10.2.0.1')).status).toBe(429);
    cloud.clock.nowMs += 61 * SECOND_MS;
    expect((await logIn(email, 'correct horse battery', '10.2.0.1')).status).toBe(200);
  });

  test('an access token lives fifteen minutes', async () => {
    const { accessToken } = await cloud.signUp();
    const read = async () => (await cloud.call('GET', '/api/v1/household', { token: accessToken })).status;
    cloud.clock.nowMs += 14 * 60 * SECOND_MS;
    expect(await read()).toBe(200);
    cloud.clock.nowMs += 2 * 60 * SECOND_MS;
    expect(await read()).toBe(401);
  });

  test('a refresh token is used once and gives the next', async () => {
    const first = (await cloud.signUp()).refreshToken;
    const second = RefreshedSchema.parse((await refresh(first)).body).refreshToken;
    expect(second).not.toBe(first);
    const third = await refresh(second);
    expect(third.status).toBe(200);
    const { accessToken } = RefreshedSchema.parse(third.body);
    expect((await cloud.call('GET', '/api/v1/household', { token: accessToken })).status).toBe(200);
  });

  test('a lost answer is given again within ten seconds: the same successor', async () => {
    const first = (await cloud.signUp()).refreshToken;
    const second = RefreshedSchema.parse((await refresh(first)).body).refreshToken;
    cloud.clock.nowMs += 9 * SECOND_MS;
    expect(RefreshedSchema.parse((await refresh(first)).body).refreshToken).toBe(second);
    expect((await refresh(second)).status).toBe(200);
  });

  test('a refresh token used again later ends its whole family', async () => {
    const first = (await cloud.signUp()).refreshToken;
    const second = RefreshedSchema.parse((await refresh(first)).body).refreshToken;
    cloud.clock.nowMs += 11 * SECOND_MS;
    expect((await refresh(first)).status).toBe(401);
    expect((await refresh(second)).status).toBe(401);
  });

  test('within the grace too, a token whose successor is in use ends the family', async () => {
    const first = (await cloud.signUp()).refreshToken;
    const second = RefreshedSchema.parse((await refresh(first)).body).refreshToken;
    const third = RefreshedSchema.parse((await refresh(second)).body).refreshToken;
    expect((await refresh(first)).status).toBe(401);
    expect((await refresh(third)).status).toBe(401);
  });

  test('logging out ends the refresh tokens of that log-in', async () => {
    const { refreshToken } = await cloud.signUp();
    expect((await cloud.call('POST', '/auth/log-out', { body: { refreshToken } })).status).toBe(204);
    expect((await refresh(refreshToken)).status).toBe(401);
  });

  test('a personal access token is shown once and listed by its last four', async () => {
    const owner = await cloud.signUp();
    const made = await cloud.call('POST', '/api/v1/tokens', { token: owner.accessToken, body: { name: 'fridge' } });
    const { token } = z.object({ token: z.string().regex(/^il_pat_/) }).parse(made.body);
    const { body } = await cloud.call('GET', '/api/v1/tokens', { token: owner.accessToken });
    expect(body).toMatchObject({ items: [{ name: 'fridge', lastFour: token.slice(-4) }] });
    expect(JSON.stringify(body)).not.toContain(token);
  });

  test('every personal access token that is no good gets the same answer', async () => {
    const owner = await cloud.signUp();
    const good = await cloud.personalAccessToken(owner);
    const revoked = await cloud.personalAccessToken(owner);
    const { body } = await cloud.call('GET', '/api/v1/tokens', { token: owner.accessToken });
    const { items } = z.object({ items: z.array(z.object({ id: z.string(), lastFour: z.string() })) }).parse(body);
    const id = items.find(({ lastFour }) => lastFour === revoked.slice(-4))?.id;
    expect((await cloud.call('DELETE', `/api/v1/tokens/${id}`, { token: owner.accessToken })).status).toBe(204);
    const url = '/api/sdk/v1/displays';
    expect((await cloud.call('GET', url, { token: good })).status).toBe(200);
    const answers = [undefined, '', 'il_pat_x', revoked, `${good.slice(0, -1)}_`, owner.accessToken].map(
      async (token) => {
        const answer = await cloud.call('GET', url, token === undefined ? {} : { token });
        const { error } = z.object({ error: z.object({ code: z.string(), message: z.string() }) }).parse(answer.body);
        return { status: answer.status, ...error };
      },
    );
    const [first, ...rest] = await Promise.all(answers);
    expect(first).toMatchObject({ status: 401, code: 'authentication_failed' });
    for (const answer of rest) expect(answer).toEqual(first);
  });

  test('another household cannot revoke a token', async () => {
    const owner = await cloud.signUp();
    const { body } = await cloud.call('POST', '/api/v1/tokens', { token: owner.accessToken, body: { name: 'mine' } });
    const { id } = z.object({ id: z.string() }).parse(body);
    const stranger = await cloud.signUp();
    expect((await cloud.call('DELETE', `/api/v1/tokens/${id}`, { token: stranger.accessToken })).status).toBe(404);
  });

  test('a personal access token opens nothing of the portal', async () => {
    const pat = await cloud.personalAccessToken(await cloud.signUp());
    expect((await cloud.call('GET', '/api/v1/household', { token: pat })).status).toBe(401);
  });

  test('no password, token or e-mail address is logged', async () => {
    const owner = await cloud.signUp();
    const pat = await cloud.personalAccessToken(owner);
    await logIn(owner.email, 'wrong horse battery');
    const log = cloud.logged.join('');
    expect(log).toContain('/auth/log-in');
    for (const secret of ['horse battery', owner.accessToken, owner.refreshToken, pat, owner.email]) {
      expect(log).not.toContain(secret);
    }
  });
});
