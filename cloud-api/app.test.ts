import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ProblemSchema } from '../contract/index.js';
import { TestCloud } from '../test/support/cloud.js';
import { testEngines } from '../test/support/cloud-databases.js';

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
});
