import { decode, encode } from 'cborg';
import { expect } from 'vitest';
import { z } from 'zod';
import { ask, DIALS, type Dial, heardAt, joined, type Speaker } from '../../test/support/iot-speakers.js';
import type { IotCore } from './iot-core.js';
import { CREATE, FILTERS, NAMED, PROVISION } from './test-claimant.js';
import { makeCsr, type Site, test } from './test-site.js';

const THING = '$aws/things/inklet-a';
const CONFIG = `${THING}/shadow/name/config`;
const STATE = 'inklet/dev/inklet-a/up/state';

const CreatedSchema = z.object({ certificatePem: z.string(), certificateOwnershipToken: z.string() });

const answersOf = (topic: string) => [`${topic}/accepted`, `${topic}/rejected`];

async function device(dial: Dial, site: Site, core: IotCore): Promise<Speaker> {
  const credentials = await site.device(core, 'inklet-a');
  return await joined(dial, { site, core, credentials, clientId: 'inklet-a' });
}

test.for(DIALS)('%s: a certificate is earned, refused, registered and used', async ([, dial], { site, core }) => {
  const credentials = await core.admin.createClaimCertificate();
  const claimant = await joined(dial, { site, core, credentials, clientId: 'inklet-fp-1' });
  expect(await claimant.subscribe(FILTERS)).toEqual([1, 1, 1, 1]);
  expect(await claimant.subscribe(['$aws/provisioning-templates/other/provision/json/accepted'])).toEqual([0x87]);
  const { csrPem, keyPem } = await makeCsr();
  expect(await ask(claimant, CREATE, { certificateSigningRequest: 'no' })).toMatchObject([
    '/rejected',
    { statusCode: 400 },
  ]);
  const [, created] = await ask(claimant, CREATE, { certificateSigningRequest: csrPem });
  const { certificateOwnershipToken, certificatePem } = CreatedSchema.parse(created);
  core.admin.setHook(() => ({ allowProvisioning: false, reason: 'the hwId is blocked' }));
  const body = { certificateOwnershipToken, parameters: NAMED };
  expect(await ask(claimant, PROVISION, body)).toEqual([
    '/rejected',
    { statusCode: 403, errorCode: 'AccessDenied', errorMessage: 'the hwId is blocked' },
  ]);
  core.admin.setHook(undefined);
  expect(await ask(claimant, PROVISION, { ...body, certificateOwnershipToken: 'x' })).toMatchObject([
    '/rejected',
    { statusCode: 400, errorCode: 'InvalidCertificateOwnershipToken' },
  ]);
  expect(await ask(claimant, PROVISION, body)).toMatchObject(['/accepted', { thingName: 'inklet-a' }]);
  await claimant.leave();
  const own = { certPem: certificatePem, keyPem };
  const hub = await joined(dial, { site, core, credentials: own, clientId: 'inklet-a' });
  expect(await hub.publish(STATE, Buffer.from('{}'))).toBe(0);
});

test.for(DIALS)('%s: CBOR is answered in CBOR', async ([, dial], { site, core }) => {
  const speaker = await joined(dial, { site, core, credentials: await site.anybody(core), clientId: 'c' });
  const topic = '$aws/certificates/create-from-csr/cbor';
  await speaker.subscribe(answersOf(topic));
  const { csrPem } = await makeCsr();
  expect(await speaker.publish(topic, Buffer.from(encode({ certificateSigningRequest: csrPem })))).toBe(0);
  const heard = await speaker.hear();
  expect(heard.topic).toBe(`${topic}/accepted`);
  expect(CreatedSchema.parse(decode(heard.payload)).certificatePem).toContain('BEGIN CERTIFICATE');
});

test.for(DIALS)('%s: a shadow is read, changed, told of and deleted', async ([, dial], { site, core }) => {
  const hub = await device(dial, site, core);
  await hub.subscribe([
    ...answersOf(`${CONFIG}/get`),
    ...answersOf(`${CONFIG}/update`),
    ...answersOf(`${CONFIG}/delete`),
  ]);
  await hub.subscribe([`${CONFIG}/update/delta`, `${CONFIG}/update/documents`]);
  const clientToken = 't';
  expect(await ask(hub, `${CONFIG}/get`, { clientToken })).toMatchObject([
    '/rejected',
    { code: 404, message: 'No shadow exists with name: config', clientToken },
  ]);
  const update = { state: { reported: { rotation: 0 } }, clientToken };
  expect(await ask(hub, `${CONFIG}/update`, update)).toMatchObject(['/accepted', { ...update, version: 1 }]);
  expect(await heardAt(hub, CONFIG)).toMatchObject(['/update/documents', { current: { version: 1 } }]);
  core.admin.setDesired({ thingName: 'inklet-a', name: 'config' }, { rotation: 90 });
  expect(await heardAt(hub, CONFIG)).toMatchObject(['/update/accepted', { version: 2 }]);
  expect(await heardAt(hub, CONFIG)).toMatchObject(['/update/delta', { state: { rotation: 90 }, version: 2 }]);
  expect(await heardAt(hub, CONFIG)).toMatchObject(['/update/documents', { previous: { version: 1 } }]);
  expect(await ask(hub, `${CONFIG}/update`, { ...update, version: 1 })).toMatchObject([
    '/rejected',
    { code: 409, message: 'Version conflict' },
  ]);
  expect(await ask(hub, `${CONFIG}/delete`, { clientToken })).toMatchObject(['/accepted', { version: 2, clientToken }]);
});

test.for(DIALS)('%s: a job is told of, started, mistaken and finished', async ([, dial], { site, core }) => {
  const hub = await device(dial, site, core);
  const jobs = `${THING}/jobs`;
  await hub.subscribe([`${jobs}/notify`, `${jobs}/notify-next`]);
  core.admin.jobs.create({ jobId: 'one', document: { op: 'rotate' }, targets: ['inklet-a'] });
  expect(await heardAt(hub, jobs)).toMatchObject(['/notify', { jobs: { QUEUED: [{ jobId: 'one' }] } }]);
  const execution = { jobId: 'one', jobDocument: { op: 'rotate' } };
  expect(await heardAt(hub, jobs)).toMatchObject(['/notify-next', { execution }]);
  // These come to who asked, who has not subscribed.
  expect(await ask(hub, `${jobs}/start-next`, {})).toMatchObject(['/accepted', { execution }]);
  expect(await ask(hub, `${jobs}/get`, {})).toMatchObject(['/accepted', { inProgressJobs: [{ jobId: 'one' }] }]);
  expect(await ask(hub, `${jobs}/one/update`, { status: 'SUCCEEDED', expectedVersion: 9 })).toMatchObject([
    '/rejected',
    { code: 'VersionMismatch', executionState: { status: 'IN_PROGRESS', versionNumber: 2 } },
  ]);
  expect((await ask(hub, `${jobs}/one/update`, { status: 'SUCCEEDED', expectedVersion: 2 }))[0]).toBe('/accepted');
  expect(await heardAt(hub, jobs)).toMatchObject(['/notify', { jobs: {} }]);
  expect(await heardAt(hub, jobs)).toMatchObject(['/notify-next', {}]);
  expect(await ask(hub, `${jobs}/one/update`, { status: 'FAILED' })).toMatchObject([
    '/rejected',
    { code: 'InvalidStateTransition', executionState: { status: 'SUCCEEDED', versionNumber: 3 } },
  ]);
});

test.for(DIALS)('%s: it is told who comes, hears, goes and is taken over', async ([, dial], { site, core }) => {
  const credentials = await site.device(core, 'inklet-a');
  const watcher = await joined(dial, { site, core, credentials: await site.anybody(core), clientId: 'watcher' });
  await watcher.subscribe(['$aws/events/presence/+/inklet-a', '$aws/events/subscriptions/+/inklet-a']);
  const told = async () => (await heardAt(watcher, ''))[1];
  const hub = await joined(dial, { site, core, credentials, clientId: 'inklet-a' });
  expect(await told()).toMatchObject({ eventType: 'connected', principalIdentifier: credentials.certificateId });
  const topics = [`${THING}/jobs/notify`];
  await hub.subscribe(topics);
  expect(await told()).toMatchObject({ eventType: 'subscribed', topics });
  await hub.unsubscribe(topics[0] ?? '');
  expect(await told()).toMatchObject({ eventType: 'unsubscribed', topics });
  await hub.leave();
  expect(await told()).toMatchObject({ disconnectReason: 'CLIENT_INITIATED_DISCONNECT', versionNumber: 0 });
  const again = await joined(dial, { site, core, credentials, clientId: 'inklet-a' });
  expect(await told()).toMatchObject({ eventType: 'connected', versionNumber: 1 });
  await site.join(core, credentials, 'inklet-a');
  expect(await again.ended).toBe(0x8e);
  expect(await told()).toMatchObject({ disconnectReason: 'DUPLICATE_CLIENTID', clientInitiatedDisconnect: false });
});
