import { expect } from 'vitest';
import { ROTATION_TEMPLATE_NAME } from '../../contract/index.js';
import { ask, CREATE, create } from './test-claimant.js';
import { test } from './test-site.js';

const ROTATE = `$aws/provisioning-templates/${ROTATION_TEMPLATE_NAME}/provision/json`;

test('a hub registers its next certificate by the one that it has; both belong to its thing, and both are active', async ({
  site,
  core,
}) => {
  const current = await site.device(core, 'inklet-a');
  const hub = await site.join(core, current, 'inklet-a');
  const answers = [CREATE, ROTATE].flatMap((topic) => [`${topic}/accepted`, `${topic}/rejected`]);
  expect(await hub.subscribe(...answers)).toEqual([1, 1, 1, 1]);
  const asked: unknown[] = [];
  core.admin.setHook((request) => {
    asked.push(request);
    return { allowProvisioning: true, parameterOverrides: { ThingName: 'inklet-a' } };
  });
  const { certificateId, certificateOwnershipToken } = await create(hub);
  const request = { certificateOwnershipToken, parameters: { hwId: '00', ThingName: 'inklet-b' } };
  expect(await ask(hub, ROTATE, request)).toMatchObject(['/accepted', { thingName: 'inklet-a' }]);
  expect(asked).toMatchObject([{ claimCertificateId: current.certificateId, clientId: 'inklet-a' }]);
  const attached = core.admin.certificates().filter(({ thingName }) => thingName === 'inklet-a');
  expect(attached.map((one) => [one.certificateId, one.status, one.policies])).toEqual(
    [current.certificateId, certificateId].map((id) => [id, 'ACTIVE', ['inklet-device']]),
  );
});

test('a claim certificate neither hears of rotation nor asks for it, and a hub registers by no other template', async ({
  site,
  core,
}) => {
  const claim = await site.join(core, await core.admin.createClaimCertificate(), 'inklet-fp-1');
  expect(await claim.subscribe(`${ROTATE}/accepted`)).toEqual([0x87]);
  expect(await claim.publish(ROTATE, '{}')).toMatchObject({ reasonCode: 0x87 });
  const hub = await site.join(core, await site.device(core, 'inklet-a'), 'inklet-a');
  const provision = '$aws/provisioning-templates/inklet-hub/provision/json';
  expect(await hub.publish(provision, '{}')).toMatchObject({ reasonCode: 0x87 });
  expect(await hub.subscribe(`${provision}/accepted`)).toEqual([0x87]);
});
