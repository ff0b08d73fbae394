import { readFileSync } from 'node:fs';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ProblemSchema } from '../contract/index.js';
import { TestCloud } from '../test/support/cloud.js';
import { testEngines } from '../test/support/cloud-databases.js';

const OperationSchema = z.object({ security: z.array(z.record(z.string(), z.unknown())) });
const PathsSchema = z.record(z.string(), z.record(z.string(), OperationSchema));

describe.each(testEngines())('on $name', (engine) => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await TestCloud.start(engine);
  });
  afterAll(() => cloud.close());

  test.each([
    ['that is no address', '/api/sdk/v1/displays/%zz', 400],
    ['with a part of ten thousand characters', `/api/sdk/v1/displays/${'a'.repeat(10_000)}`, 414],
    ['of nothing', '/nothing', 404],
  ])('a path %s is answered with the envelope and its request id', async (_what, path, expected) => {
    const { status, body, headers } = await cloud.call('GET', path);
    expect(status).toBe(expected);
    expect(ProblemSchema.parse(body).error.requestId).toBe(headers['x-request-id']);
  });

  test('no log line of a whole day holds a password, a token, a claim code or what people write', async () => {
    const person = await cloud.signUp('The household of secrets');
    const pat = await cloud.personalAccessToken(person);
    const hub = await cloud.provision();
    const { code, claimId } = await cloud.showCode(hub, person);
    await cloud.call('POST', `/api/v1/claims/${claimId}/confirm`, { token: person.accessToken });
    const body = { title: 'a title of secrets', assets: [{ type: 'text', text: 'a text of secrets' }] };
    await cloud.call('POST', '/api/sdk/v1/contents', {
      token: pat,
      body,
      headers: { 'idempotency-key': 'of-secrets' },
    });
    await cloud.call('GET', '/api/sdk/v1/contents?q=secrets', { token: `${pat}x` });
    await cloud.call('POST', '/auth/refresh', { body: { refreshToken: person.refreshToken } });
    await cloud.call('POST', '/auth/log-in', { body: { email: person.email, password: 'a wrong password' } });
    const deviceToken = await hub.token();
    await cloud.call('POST', '/v1/sync', { token: deviceToken, body: { v: 1, epoch: 'of secrets' } });
    const logged = cloud.logged.join('');
    expect(logged).toContain('answered');
    const secrets = [person.accessToken, person.refreshToken, person.email, pat, code, deviceToken, 'correct horse'];
    for (const secret of [...secrets, 'secrets', 'a wrong password']) expect(logged).not.toContain(secret);
  });

  test('a failed statement is logged without the values that stood in it', async () => {
    const secret = 'what the household writes';
    const failed = cloud.context.db.inRole('app_user', null, (tx) =>
      tx.execute(sql`select ${secret}::text, 1 / (${0}::integer)`),
    );
    const error: unknown = await failed.catch((reason: unknown) => reason);
    cloud.context.log.error({ err: error }, 'a request failed');
    expect(error).toMatchObject({ code: 'database.failed', details: { sqlState: '22012' } });
    expect(cloud.logged.at(-1)).toContain('22012: select $1::text, 1 / ($2::integer)');
    expect(cloud.logged.at(-1)).not.toContain(secret);
  });

  test('the README lists the routes as they are, with the credential of each', async () => {
    await cloud.app.ready();
    const paths = PathsSchema.parse(cloud.app.swagger().paths);
    const routes = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, { security }]) => {
        const credential = security.flatMap((names) => Object.keys(names)).join();
        return [`\`${method.toUpperCase()} ${path}\``, credential];
      }),
    );
    const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8');
    const listed = [...readme.matchAll(/^\| (`(?:GET|POST|PUT|DELETE) [^`]+`) +\| ([\w,]*) +\|$/gm)].map(
      ([, route, credential]) => [route, credential],
    );
    expect(listed).toEqual(routes);
  });
});
