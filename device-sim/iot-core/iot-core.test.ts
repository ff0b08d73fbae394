import { expect } from 'vitest';
import { makeCsr, test } from './test-site.js';

const CREATE = '$aws/certificates/create-from-csr/json';
const PROVISION = '$aws/provisioning-templates/inklet-hub/provision/json';

test('a hub earns a certificate with a claim certificate and speaks to the backend with it', async ({ site, core }) => {
  core.admin.setHook(({ parameters }) => ({
    allowProvisioning: parameters.hwId === '00010203040506070809',
    parameterOverrides: { ThingName: 'inklet-abc' },
  }));
  const claim = await site.join(core, await core.admin.createClaimCertificate(), 'inklet-fp-1');
  await claim.subscribe(`${CREATE}/accepted`, `${PROVISION}/accepted`);
  const { csrPem, keyPem } = await makeCsr();
  expect(await claim.publish(CREATE, JSON.stringify({ certificateSigningRequest: csrPem }))).toMatchObject({
    cmd: 'puback',
    reasonCode: 0,
  });
  const created = JSON.parse((await claim.message()).slice(`${CREATE}/accepted `.length));
  await claim.publish(
    PROVISION,
    JSON.stringify({
      certificateOwnershipToken: created.certificateOwnershipToken,
      parameters: { hwId: '00010203040506070809' },
    }),
  );
  const registered = JSON.parse((await claim.message()).slice(`${PROVISION}/accepted `.length));
  expect(registered).toEqual({
    thingName: 'inklet-abc',
    deviceConfiguration: { topicPrefix: 'inklet/dev/inklet-abc' },
  });

  const backend = await site.join(core, await core.admin.createBackendCertificate(), 'inklet-backend');
  expect(await backend.subscribe('inklet/dev/+/up/#')).toEqual([1]);
  const hub = await site.join(core, { certPem: created.certificatePem, keyPem }, 'inklet-abc');
  expect(await hub.subscribe('inklet/dev/inklet-abc/down/cmd')).toEqual([1]);
  await hub.publish('inklet/dev/inklet-abc/up/heartbeat', 'alive');
  expect(await backend.message()).toBe('inklet/dev/inklet-abc/up/heartbeat alive');
  await backend.publish('inklet/dev/inklet-abc/down/cmd', 'show');
  expect(await hub.message()).toBe('inklet/dev/inklet-abc/down/cmd show');
});
