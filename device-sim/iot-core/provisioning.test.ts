import { X509Certificate } from 'node:crypto';
import { mkdirSync, rmdirSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { decode, encode } from 'cborg';
import { expect } from 'vitest';
import { z } from 'zod';
import { ask, CREATE, claimant, create, FILTERS, NAMED, PROVISION } from './test-claimant.js';
import { makeCsr, test } from './test-site.js';

test('a certificate carries the key of its request and waits for RegisterThing', async ({ site, core }) => {
  const client = await claimant(site, core);
  const created = await create(client);
  const certificate = new X509Certificate(created.certificatePem);
  expect(certificate.fingerprint256.replaceAll(':', '').toLowerCase()).toBe(created.certificateId);
  expect(certificate.checkIssued(new X509Certificate(core.caPem))).toBe(true);
  const ageMs = site.clock.now() - Date.parse(certificate.validFrom);
  expect(ageMs).toBe(10 * 60_000);
  expect(core.admin.certificates()).toContainEqual(
    expect.objectContaining({ certificateId: created.certificateId, status: 'PENDING_ACTIVATION', policies: [] }),
  );
  const early = await site.dial(core, { certPem: created.certificatePem, keyPem: created.keyPem });
  expect(await early.greet('inklet-a')).toMatchObject({ reasonCode: 0x87 });
  expect(
    await ask(client, PROVISION, { certificateOwnershipToken: created.certificateOwnershipToken, parameters: NAMED }),
  ).toEqual(['/accepted', { thingName: 'inklet-a', deviceConfiguration: { topicPrefix: 'inklet/dev/inklet-a' } }]);
  expect(core.admin.things()).toMatchObject([{ thingName: 'inklet-a', attributes: { hwId: '00' } }]);
  await site.join(core, { certPem: created.certificatePem, keyPem: created.keyPem }, 'inklet-a');
});

test('another holder of the same claim certificate does not see the answer', async ({ site, core }) => {
  const credentials = await core.admin.createClaimCertificate();
  const one = await site.join(core, credentials, 'inklet-fp-1');
  const other = await site.join(core, credentials, 'inklet-fp-2');
  await one.subscribe(...FILTERS);
  await other.subscribe(...FILTERS);
  await create(one);
  await other.publish(`${CREATE}/accepted`, 'forged');
  expect(await other.rest()).toEqual([]);
  expect(await one.rest()).toEqual([]);
});

test('an answer that was not acknowledged is not kept for the next holder of the client id', async ({ site, core }) => {
  const credentials = await core.admin.createClaimCertificate();
  const kept = { clean: false, properties: { sessionExpiryInterval: 600 } };
  const one = await site.join(core, credentials, 'inklet-fp-1', kept);
  await one.subscribe(...FILTERS);
  await one.publish(CREATE, '{}');
  expect(await one.next({ acknowledge: false })).toMatchObject({ topic: `${CREATE}/rejected` });
  core.admin.dropClient('inklet-fp-1');
  const next = await site.join(core, credentials, 'inklet-fp-1', kept);
  expect(await next.rest()).toEqual([]);
});

test('an answer nobody subscribed to goes nowhere', async ({ site, core }) => {
  const client = await site.join(core, await core.admin.createClaimCertificate(), 'inklet-fp-1');
  await client.publish(CREATE, '{}');
  expect(await client.rest()).toEqual([]);
});

test.for([
  ['broken JSON', CREATE, '{', 400, 'InvalidPayload'],
  ['no request', CREATE, {}, 400, 'InvalidPayload'],
  ['a request that is none', CREATE, { certificateSigningRequest: 'x' }, 400, 'InvalidCertificateSigningRequest'],
  ['no token', PROVISION, {}, 400, 'InvalidCertificateOwnershipToken'],
  ['an unknown token', PROVISION, { certificateOwnershipToken: 'x' }, 400, 'InvalidCertificateOwnershipToken'],
  [
    'parameters that are no text',
    PROVISION,
    { certificateOwnershipToken: 'x', parameters: { a: 1 } },
    400,
    'InvalidPayload',
  ],
] as const)('%s is rejected with a reason', async ([, topic, body, statusCode, errorCode], { site, core }) => {
  const client = await claimant(site, core);
  expect(await ask(client, topic, body)).toEqual([
    '/rejected',
    { statusCode, errorCode, errorMessage: expect.stringMatching(/./) },
  ]);
});

test('a signing request with a wrong signature is rejected', async ({ site, core }) => {
  const client = await claimant(site, core);
  const { csrPem } = await makeCsr();
  const der = Buffer.from(csrPem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  der.writeUInt8(der.readUInt8(der.length - 1) ^ 1, der.length - 1);
  const certificateSigningRequest = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----`;
  expect(await ask(client, CREATE, { certificateSigningRequest })).toMatchObject([
    '/rejected',
    { errorCode: 'InvalidCertificateSigningRequest' },
  ]);
});

test('an ownership token dies after an hour, and its unregistered certificate with it', async ({ site, core }) => {
  const client = await claimant(site, core);
  const { certificateOwnershipToken, certificateId } = await create(client);
  await site.clock.advance(60_000);
  await client.rest();
  site.clock.jump(3_539_999);
  expect(core.admin.certificates().map((one) => one.certificateId)).toContain(certificateId);
  site.clock.jump(1);
  expect(await ask(client, PROVISION, { certificateOwnershipToken, parameters: NAMED })).toMatchObject([
    '/rejected',
    { statusCode: 400, errorCode: 'InvalidCertificateOwnershipToken' },
  ]);
  expect(core.admin.certificates().map((one) => one.certificateId)).not.toContain(certificateId);
});

test('an ownership token is good for its own claim certificate only', async ({ site, core }) => {
  const { certificateOwnershipToken } = await create(await claimant(site, core));
  const thief = await claimant(site, core, 'inklet-fp-2');
  expect(await ask(thief, PROVISION, { certificateOwnershipToken, parameters: NAMED })).toMatchObject([
    '/rejected',
    { errorCode: 'InvalidCertificateOwnershipToken' },
  ]);
});

test('registering again gives the same answer and no second thing, but not another thing', async ({ site, core }) => {
  const client = await claimant(site, core);
  const { certificateOwnershipToken, certificateId } = await create(client);
  const first = await ask(client, PROVISION, { certificateOwnershipToken, parameters: NAMED });
  const again = await ask(client, PROVISION, { certificateOwnershipToken, parameters: NAMED });
  expect(again).toEqual(first);
  expect(core.admin.things()).toHaveLength(1);
  expect(core.admin.certificates().find((one) => one.certificateId === certificateId)?.policies).toEqual([
    'inklet-device',
  ]);
  const other = { certificateOwnershipToken, parameters: { ...NAMED, ThingName: 'inklet-b' } };
  expect(await ask(client, PROVISION, other)).toMatchObject(['/rejected', { statusCode: 409 }]);
});

test('registering again does not wake a certificate that was deactivated since', async ({ site, core }) => {
  const client = await claimant(site, core);
  const { certificateOwnershipToken, certificateId } = await create(client);
  await ask(client, PROVISION, { certificateOwnershipToken, parameters: NAMED });
  core.admin.setCertificateStatus(certificateId, 'INACTIVE');
  await ask(client, PROVISION, { certificateOwnershipToken, parameters: NAMED });
  expect(core.admin.certificates().find((one) => one.certificateId === certificateId)?.status).toBe('INACTIVE');
});

test('a second certificate for the same thing leaves the first one valid', async ({ site, core }) => {
  const client = await claimant(site, core);
  for (const hwId of ['00', '01']) {
    const { certificateOwnershipToken } = await create(client);
    await ask(client, PROVISION, { certificateOwnershipToken, parameters: { ...NAMED, hwId } });
  }
  expect(core.admin.things()).toMatchObject([{ thingName: 'inklet-a', attributes: { hwId: '01' } }]);
  const attached = core.admin.certificates().filter(({ thingName }) => thingName === 'inklet-a');
  expect(attached.map(({ status }) => status)).toEqual(['ACTIVE', 'ACTIVE']);
});

test('the hook hears who asks and names the thing', async ({ site, core }) => {
  const heard: unknown[] = [];
  core.admin.setHook((request) => {
    heard.push(request);
    return { allowProvisioning: true, parameterOverrides: { ThingName: 'inklet-forced' } };
  });
  const client = await claimant(site, core);
  const { certificateOwnershipToken, certificateId, certificatePem } = await create(client);
  expect(await ask(client, PROVISION, { certificateOwnershipToken, parameters: NAMED })).toMatchObject([
    '/accepted',
    { thingName: 'inklet-forced' },
  ]);
  expect(heard).toEqual([
    {
      claimCertificateId: core.admin.clients()[0]?.certificateId,
      certificateId,
      certificatePem,
      templateArn: expect.stringMatching(/^arn:aws:iot:[^:]+:\d{12}:provisioningtemplate\/inklet-hub$/),
      clientId: 'inklet-fp-1',
      parameters: NAMED,
    },
  ]);
});

test('a refusal of the hook carries its reason, and the certificate stays pending', async ({ site, core }) => {
  const client = await claimant(site, core);
  const { certificateOwnershipToken, certificateId } = await create(client);
  const refusal = async () => await ask(client, PROVISION, { certificateOwnershipToken, parameters: NAMED });
  core.admin.setHook(() => ({ allowProvisioning: false, reason: 'the tag is not of ours' }));
  const rejected = { statusCode: 403, errorCode: 'AccessDenied' };
  expect(await refusal()).toEqual(['/rejected', { ...rejected, errorMessage: 'the tag is not of ours' }]);
  core.admin.setHook(() => ({ allowProvisioning: false }));
  expect(await refusal()).toEqual(['/rejected', { ...rejected, errorMessage: 'Access Denied' }]);
  core.admin.setHook(() => Promise.reject(new TypeError('broken')));
  expect(await refusal()).toMatchObject(['/rejected', rejected]);
  expect(core.admin.certificates().find((one) => one.certificateId === certificateId)?.status).toBe(
    'PENDING_ACTIVATION',
  );
});

test('a hook that does not answer within five seconds is a refusal', async ({ site, core }) => {
  const client = await claimant(site, core);
  const { certificateOwnershipToken } = await create(client);
  const asked = new Promise<AbortSignal>((resolve) => {
    core.admin.setHook((_, signal) => {
      resolve(signal);
      return new Promise(() => undefined);
    });
  });
  const answer = ask(client, PROVISION, { certificateOwnershipToken, parameters: NAMED });
  const signal = await asked;
  await site.clock.advance(4_999);
  expect(signal.aborted).toBe(false);
  await site.clock.advance(1);
  expect(await answer).toMatchObject(['/rejected', { statusCode: 403, errorMessage: 'no answer within 5000 ms' }]);
  expect(signal.aborted).toBe(true);
});

test('a hook over HTTP gets the same JSON and the given headers', async ({ site, core }) => {
  const seen: { method?: string | undefined; authorization?: string | undefined; body: unknown }[] = [];
  let status = 200;
  const server = createServer(async (request, response) => {
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString());
    seen.push({ method: request.method, authorization: request.headers.authorization, body });
    response
      .writeHead(status)
      .end(JSON.stringify({ allowProvisioning: true, parameterOverrides: { ThingName: 'inklet-h' } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  site.onClose(() => new Promise((resolve) => server.close(() => resolve())));
  const address = z.object({ port: z.number() }).parse(server.address());
  core.admin.setHook({ url: `http://127.0.0.1:${address.port}/hook`, headers: { authorization: 'Bearer x' } });
  const client = await claimant(site, core);
  const { certificateOwnershipToken } = await create(client);
  const register = async () => await ask(client, PROVISION, { certificateOwnershipToken, parameters: { hwId: '00' } });
  expect(await register()).toMatchObject(['/accepted', { thingName: 'inklet-h' }]);
  expect(seen).toMatchObject([{ method: 'POST', authorization: 'Bearer x', body: { parameters: { hwId: '00' } } }]);
  status = 500;
  expect(await register()).toMatchObject(['/rejected', { statusCode: 403 }]);
});

test('without a thing name from anybody the parameters are rejected', async ({ site, core }) => {
  const client = await claimant(site, core);
  const { certificateOwnershipToken } = await create(client);
  expect(await ask(client, PROVISION, { certificateOwnershipToken, parameters: { hwId: '00' } })).toMatchObject([
    '/rejected',
    { statusCode: 400, errorCode: 'InvalidParameters', errorMessage: 'parameter ThingName has no value' },
  ]);
});

test('things, certificates, tokens and authority outlive a restart in the same folder', async ({ site }) => {
  const first = await site.start();
  const claim = await first.admin.createClaimCertificate();
  const client = await site.join(first, claim, 'inklet-fp-1');
  await client.subscribe(...FILTERS);
  const registered = await create(client);
  const { certificateOwnershipToken } = registered;
  await ask(client, PROVISION, { certificateOwnershipToken, parameters: NAMED });
  const pending = await create(client);
  await first.stop();
  const second = await site.start();
  expect(second.caPem).toBe(first.caPem);
  const hub = { certPem: registered.certificatePem, keyPem: registered.keyPem };
  await site.join(second, hub, 'inklet-a');
  const again = await site.join(second, claim, 'inklet-fp-1');
  await again.subscribe(...FILTERS);
  const late = { certificateOwnershipToken: pending.certificateOwnershipToken, parameters: NAMED };
  expect(await ask(again, PROVISION, late)).toMatchObject(['/accepted', { thingName: 'inklet-a' }]);
});

// A full disk ended the whole stand-in by an unhandled rejection.
test('a registry that cannot be written is an internal failure of each request, and no end of the service', async ({
  site,
  core,
}) => {
  const client = await claimant(site, core);
  const { certificateOwnershipToken } = await create(client);
  site.clock.jump(3_600_001);
  mkdirSync(path.join(site.dir, 'registry.json.draft'));
  const internal = { statusCode: 500, errorCode: 'InternalFailure', errorMessage: 'internal failure' };
  expect(await ask(client, PROVISION, { certificateOwnershipToken })).toEqual(['/rejected', internal]);

  rmdirSync(path.join(site.dir, 'registry.json.draft'));
  await create(client);
});

test('a device that speaks CBOR is answered in CBOR', async ({ site, core }) => {
  const client = await site.join(core, await site.anybody(core), 'c');
  await client.subscribe('$aws/certificates/#', '$aws/provisioning-templates/#');
  const askCbor = async (topic: string, body: unknown) => {
    await client.publish(topic, Buffer.isBuffer(body) ? body : Buffer.from(encode(body)));
    const heard = await client.next();
    if (heard.cmd !== 'publish') return [heard.cmd];
    return [heard.topic.replace(topic, ''), decode(Buffer.from(heard.payload))];
  };
  const [createCbor, provisionCbor] = [CREATE, PROVISION].map((topic) => topic.replace(/json$/, 'cbor'));
  const { csrPem } = await makeCsr();
  const created = await askCbor(createCbor ?? '', { certificateSigningRequest: csrPem });
  expect(created).toMatchObject(['/accepted', { certificateId: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
  const { certificateOwnershipToken } = created[1];
  expect(await askCbor(provisionCbor ?? '', { certificateOwnershipToken, parameters: NAMED })).toEqual([
    '/accepted',
    { thingName: 'inklet-a', deviceConfiguration: { topicPrefix: 'inklet/dev/inklet-a' } },
  ]);
  const nested = Buffer.alloc(60_000, 0x81);
  for (const broken of [Buffer.from('{}'), Buffer.from([0xff]), Buffer.alloc(0), nested]) {
    const answer = await askCbor(createCbor ?? '', broken);
    expect(answer).toEqual([
      '/rejected',
      { statusCode: 400, errorCode: 'InvalidPayload', errorMessage: expect.stringContaining('CBOR') },
    ]);
  }
});

test('a template that does not exist is told before its hook is asked', async ({ site, core }) => {
  let asked = 0;
  core.admin.setHook(() => {
    asked += 1;
    return { allowProvisioning: true };
  });
  const client = await site.join(core, await site.anybody(core), 'c');
  await client.subscribe('$aws/certificates/#', '$aws/provisioning-templates/#');
  const { certificateOwnershipToken } = await create(client);
  const topic = PROVISION.replace('inklet-hub', 'nobody');
  expect(await ask(client, topic, { certificateOwnershipToken, parameters: NAMED })).toEqual([
    '/rejected',
    { statusCode: 404, errorCode: 'ResourceNotFound', errorMessage: 'template nobody does not exist' },
  ]);
  expect(asked).toBe(0);
});
