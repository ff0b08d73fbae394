import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { claimant, create } from '../../device-sim/iot-core/test-claimant.js';
import { test as base } from '../../device-sim/iot-core/test-site.js';
import { signDeviceToken } from '../../provisioning/fleet/device-token.js';
import { TestCloud } from '../support/cloud.js';
import { testEngines } from '../support/cloud-databases.js';

const ROUTES = [
  ['POST', '/v1/sync', { v: 1 }],
  ['GET', `/v1/assets/${'a'.repeat(64)}`, undefined],
  ['POST', '/v1/certificates/commit', { replaces: 'a'.repeat(64) }],
] as const;

const test = base.extend<{ cloud: TestCloud }>({
  cloud: async ({ site }, use) => {
    const [engine] = testEngines();
    if (engine === undefined) throw new TypeError('no database');
    const cloud = await TestCloud.start(engine);
    site.onClose(() => cloud.close());
    await use(cloud);
  },
});

/** What each route of hubs says to whoever shows this token. */
async function answers(cloud: TestCloud, token: string): Promise<unknown[]> {
  const asked = ROUTES.map(async ([method, url, body]) => (await cloud.call(method, url, { token, body })).status);
  return Promise.all(asked);
}

test('a claim certificate is no device: neither the broker nor the cloud takes it for one', async ({
  site,
  core,
  cloud,
}) => {
  const { thingName } = await cloud.provision();
  const claim = await core.admin.createClaimCertificate();
  const client = await site.dial(core, claim);
  expect(await client.greet(thingName)).toMatchObject({ cmd: 'connack', reasonCode: 0x87 });
  const token = await signDeviceToken({ thingName, ...claim }, cloud.clock);
  expect(await answers(cloud, token)).toEqual([401, 401, 401]);
});

test('a certificate that is not registered yet is no device either', async ({ site, core, cloud }) => {
  const { thingName } = await cloud.provision();
  const fresh = await create(await claimant(site, core));
  const pair = { certPem: fresh.certificatePem, keyPem: fresh.keyPem };
  await expect(site.join(core, pair, thingName)).rejects.toThrow();
  const token = await signDeviceToken({ thingName, ...fresh }, cloud.clock);
  expect(await answers(cloud, token)).toEqual([401, 401, 401]);
});

test('a hub is not taken for another: not by its name, nor by its certificate, nor by what is its own', async ({
  cloud,
}) => {
  const [a, b] = [await cloud.provision(), await cloud.provision()];
  for (const change of [
    { sub: b.thingName },
    { kid: b.certificateId },
    { sub: b.thingName, kid: b.certificateId },
    { kid: randomBytes(32).toString('hex') },
    { aud: 'another-service' },
    { lifeS: 3600 },
    { nowMs: cloud.clock.nowMs - 10 * 60_000 },
  ]) {
    expect(await answers(cloud, await a.token(change))).toEqual([401, 401, 401]);
  }
  expect(await answers(cloud, await a.token())).toEqual([400, 404, 409]);
});

test('a hub does not replace the certificate of another hub', async ({ cloud }) => {
  const [a, b] = [await cloud.provision(), await cloud.provision()];
  const body = { replaces: b.certificateId };
  expect(await cloud.call('POST', '/v1/certificates/commit', { token: await a.token(), body })).toMatchObject({
    ...{ status: 409, body: { error: { code: 'certificate.not-pending' } } },
  });
  expect(await answers(cloud, await b.token())).toEqual([400, 404, 409]);
});
