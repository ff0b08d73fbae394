import { expect } from 'vitest';
import { z } from 'zod';
import { RawClient } from '../../device-sim/iot-core/raw-client.js';
import { ask, create, FILTERS, PROVISION } from '../../device-sim/iot-core/test-claimant.js';
import { signHwId } from '../../provisioning/hw-id/index.js';
import { test } from '../support/household.js';

const LIMIT_MS = 60_000;
const WAIT = { timeout: 20_000 };
const SessionSchema = z.object({ accessToken: z.string() });
const HubsSchema = z.object({ items: z.tuple([z.object({ id: z.string() })]) });

test('a hub that begins with an empty card and its owner’s ticket has one certificate at AWS IoT in the end, and stays at home', {
  timeout: LIMIT_MS,
}, async ({ household }) => {
  const { address, world } = household;
  const { iotCore, factory } = world;
  const call = async (method: string, route: string, { token, json }: { token?: string; json?: object } = {}) => {
    const headers = {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(json !== undefined && { 'content-type': 'application/json' }),
    };
    const body = json === undefined ? {} : { body: JSON.stringify(json) };
    const response = await fetch(`${address.cloudUrl}${route}`, { method, headers, ...body });
    return { status: response.status, body: await response.json() };
  };
  const hubs = async (token: string) => HubsSchema.parse((await call('GET', '/api/v1/hubs', { token })).body).items;
  const attached = () =>
    iotCore.admin
      .certificates()
      .flatMap(({ certificateId, status, thingName }) =>
        thingName === address.thingName ? [`${certificateId} ${status}`] : [],
      );

  const client = await RawClient.dial(iotCore, await iotCore.admin.createClaimCertificate());
  await client.connect('inklet-fp-1');
  await client.subscribe(...FILTERS);
  const { certificateId, certificateOwnershipToken } = await create(client);
  const { keyId, hwId, model, batch, tagUid, signingKey: privateKey } = factory;
  const proof = signHwId({ payload: { keyId, hwId, model, batch }, tagUid, privateKey });
  const request = { certificateOwnershipToken, parameters: { hwId, claimNonce: 'nonce', ...proof } };
  const [before] = attached();
  expect(await ask(client, PROVISION, request)).toMatchObject([
    '/rejected',
    { statusCode: 403, errorMessage: 'already-provisioned' },
  ]);
  expect(attached()).toEqual([before]);

  const { email, password } = address;
  const session = await call('POST', '/auth/log-in', { json: { email, password } });
  const { accessToken: token } = SessionSchema.parse(session.body);
  const [{ id }] = await hubs(token);
  expect((await call('POST', `/api/v1/hubs/${id}/reprovision-ticket`, { token })).status).toBe(201);
  expect(await ask(client, PROVISION, request)).toMatchObject(['/accepted', { thingName: address.thingName }]);
  await expect.poll(attached, WAIT).toEqual([`${certificateId} ACTIVE`]);
  const connected = () => iotCore.admin.clients().map(({ clientId }) => clientId);
  await expect.poll(connected, WAIT).not.toContain(address.thingName);
  expect(await hubs(token)).toEqual([expect.objectContaining({ id })]);
  client.cut();
});
