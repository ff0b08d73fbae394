import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestCloud } from '../../test/support/cloud.js';
import { testEngines } from '../../test/support/cloud-databases.js';
import { png } from '../../test/support/pictures.js';
import { showPicture } from '../../test/support/show-picture.js';

describe.each(testEngines())('assets on $name', (engine) => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await TestCloud.start(engine);
  });
  afterAll(() => cloud.close());

  test('a hub fetches the pictures of its own displays, byte by byte, and no others', async () => {
    const [mine, theirs] = [await cloud.signUp(), await cloud.signUp()];
    const [hub, stranger, unbound] = [await cloud.bindHub(mine), await cloud.bindHub(theirs), await cloud.provision()];
    const bytes = await png(16, 16);
    const url = `/v1/assets/${await showPicture(cloud, mine, hub.displayId, bytes)}`;
    const fetched = await cloud.app.inject({ url, headers: { authorization: `Bearer ${await hub.token()}` } });
    expect(fetched.statusCode).toBe(200);
    expect(fetched.rawPayload.equals(bytes)).toBe(true);
    for (const other of [stranger, unbound]) {
      expect(await cloud.call('GET', url, { token: await other.token() })).toMatchObject({
        ...{ status: 404, body: { error: { code: 'asset_not_found' } } },
      });
    }
    const unknown = `/v1/assets/${'0'.repeat(64)}`;
    expect(await cloud.call('GET', unknown, { token: await hub.token() })).toMatchObject({ status: 404 });
    expect(await cloud.call('GET', url, { token: await cloud.personalAccessToken(mine) })).toMatchObject({
      status: 401,
    });
  });
});
