import { expect } from 'vitest';
import type { IotCore } from '../iot-core.js';
import type { Heard, RawClient } from '../raw-client.js';
import { ask, CREATE, claimant, create, FILTERS, NAMED, PROVISION } from '../test-claimant.js';
import { makeCsr, type Site, test } from '../test-site.js';

/** What of the packets of provisioning was heard, as the ends of their topics. */
const answers = (heard: readonly Heard[]) =>
  heard.map((one) =>
    one.cmd === 'publish' ? one.topic.replace(/^.*\/(?=(?:create-from-csr|provision)\/)/, '') : one.cmd,
  );

async function register(client: RawClient): Promise<[string, unknown]> {
  const { certificateOwnershipToken } = await create(client);
  return await ask(client, PROVISION, { certificateOwnershipToken, parameters: NAMED });
}

/** Sends a request and takes the PUBACK only. */
async function request(client: RawClient, topic: string, body: unknown): Promise<void> {
  expect(await client.publish(topic, JSON.stringify(body))).toMatchObject({ cmd: 'puback', reasonCode: 0 });
}

/** Something that a round trip through the service has certainly overtaken. */
async function settled(site: Site, core: IotCore): Promise<void> {
  await create(await claimant(site, core, 'inklet-fp-other'));
}

test('the next RegisterThing answer is lost, though the thing was registered, and the one after it comes', async ({
  site,
  core,
}) => {
  core.admin.faults.arm({ kind: 'answer-lost', operation: 'RegisterThing' });
  const client = await claimant(site, core);
  const { certificateOwnershipToken } = await create(client);
  await request(client, PROVISION, { certificateOwnershipToken, parameters: NAMED });
  await settled(site, core);
  expect(await client.rest()).toEqual([]);
  expect(core.admin.things()).toMatchObject([{ thingName: 'inklet-a' }]);
  expect(core.admin.faults.report()).toMatchObject([{ fault: { kind: 'answer-lost' }, struck: 1, left: 0 }]);
  expect(core.admin.faults.struck('answer-lost')).toBe(1);
  const again = await ask(client, PROVISION, { certificateOwnershipToken, parameters: NAMED });
  expect(again).toMatchObject(['/accepted', { thingName: 'inklet-a' }]);
});

test('a fault may be aimed at whoever holds a certificate, under whatever name', async ({ site, core }) => {
  const [aimedAt, other] = [await core.admin.createClaimCertificate(), await core.admin.createClaimCertificate()];
  const { certificateId } = aimedAt;
  core.admin.faults.arm(
    { kind: 'throttled', operation: 'Connect', certificateId },
    { kind: 'throttled', operation: 'RegisterThing', certificateId },
  );
  const spared = await site.join(core, other, 'inklet-fp-1');
  await spared.subscribe(...FILTERS);
  expect(await register(spared)).toMatchObject(['/accepted', { thingName: 'inklet-a' }]);
  expect(await (await site.dial(core, aimedAt)).greet('inklet-fp-2')).toMatchObject({
    cmd: 'connack',
    reasonCode: 151,
  });
  const struck = await site.join(core, aimedAt, 'inklet-fp-3');
  await struck.subscribe(...FILTERS);
  expect(await register(struck)).toMatchObject(['/rejected', { statusCode: 429 }]);
  expect(core.admin.faults.struck('throttled')).toBe(2);
});

test('a late answer comes when its time is over', async ({ site, core }) => {
  core.admin.faults.arm({ kind: 'answer-late', delayMs: 20_000 });
  const client = await claimant(site, core);
  await request(client, CREATE, {});
  await settled(site, core);
  await site.clock.advance(19_999);
  expect(await client.rest()).toEqual([]);
  await site.clock.advance(1);
  expect(answers(await client.rest())).toEqual(['create-from-csr/json/rejected']);
});

test('an answer comes twice', async ({ site, core }) => {
  core.admin.faults.arm({ kind: 'answer-twice', operation: 'CreateCertificateFromCsr' });
  const client = await claimant(site, core);
  const first = await ask(client, CREATE, {});
  expect(first).toMatchObject(['/rejected', { statusCode: 400 }]);
  expect(answers(await client.rest())).toEqual(['create-from-csr/json/rejected']);
});

test('an answer out of order follows the next one on its connection', async ({ site, core }) => {
  core.admin.faults.arm({ kind: 'answer-out-of-order', operation: 'CreateCertificateFromCsr' });
  const client = await claimant(site, core);
  await request(client, CREATE, {});
  await request(client, PROVISION, {});
  const heard = [await client.next(), await client.next()];
  expect(answers(heard)).toEqual(['provision/json/rejected', 'create-from-csr/json/rejected']);
});

test('a message whose PUBACK is lost was taken', async ({ site, core }) => {
  const anybody = await site.anybody(core);
  const hearer = await site.join(core, anybody, 'hearer');
  await hearer.subscribe('a/b', 'c');
  const speaker = await site.join(core, anybody, 'speaker');
  core.admin.faults.arm({ kind: 'puback-lost', topic: 'a/+', clientId: 'speaker' });
  expect(await speaker.publish('c', 'in time')).toMatchObject({ cmd: 'puback' });
  speaker.send({ cmd: 'publish', topic: 'a/b', payload: 'x', qos: 1, messageId: 3, dup: false, retain: false });
  expect(await speaker.rest()).toEqual([]);
  expect([await hearer.message(), await hearer.message()]).toEqual(['c in time', 'a/b x']);
});

test('a half-open connection swallows everything, and the broker finds out by keep-alive', async ({ site, core }) => {
  const anybody = await site.anybody(core);
  const hearer = await site.join(core, anybody, 'hearer', { keepalive: 1_200 });
  await hearer.subscribe('will', 'a');
  const will = { topic: 'will', payload: Buffer.from('gone'), qos: 1, retain: false } as const;
  const client = await site.join(core, anybody, 'c', { keepalive: 30, will });
  await client.subscribe('a');
  core.admin.faults.arm({ kind: 'half-open', clientId: 'c' });
  client.send({ cmd: 'publish', topic: 'a', payload: 'x', qos: 1, messageId: 3, dup: false, retain: false });
  client.send({ cmd: 'pingreq' });
  await expect.poll(() => core.admin.faults.struck('half-open')).toBe(1);
  await hearer.publish('a', 'to both');
  expect(await hearer.message()).toBe('a to both');
  expect(core.admin.clients()).toHaveLength(2);
  await site.clock.advance(45_000);
  expect(await hearer.message()).toBe('will gone');
  expect(core.admin.clients()).toHaveLength(1);
  expect(client.socket.destroyed).toBe(false);
  const heard = client.next();
  client.socket.end();
  expect(await heard).toEqual({ cmd: 'closed' });
});

test('a CONNECT into a half-open connection is never answered', async ({ site, core }) => {
  const anybody = await site.anybody(core);
  core.admin.faults.arm({ kind: 'half-open', operation: 'Connect' });
  const client = await site.dial(core, anybody);
  const heard = client.greet('c');
  await expect.poll(() => core.admin.faults.struck('half-open')).toBe(1);
  client.socket.end();
  expect(await heard).toEqual({ cmd: 'closed' });
  await site.join(core, anybody, 'c');
});

test('an operator can freeze a link, and the next holder of its client id takes over', async ({ site, core }) => {
  const anybody = await site.anybody(core);
  const frozen = await site.join(core, anybody, 'c');
  expect(core.admin.freezeClient('c')).toBe(true);
  await site.join(core, anybody, 'c');
  expect(core.admin.clients()).toHaveLength(1);
  const heard = frozen.next();
  frozen.socket.end();
  expect(await heard).toEqual({ cmd: 'closed' });
  expect(core.admin.freezeClient('nobody')).toBe(false);
});

test('a token that expires too early is refused, and its certificate is gone', async ({ site, core }) => {
  core.admin.faults.arm({ kind: 'token-expired' });
  const client = await claimant(site, core);
  expect(await register(client)).toMatchObject(['/rejected', { errorCode: 'InvalidCertificateOwnershipToken' }]);
  expect(core.admin.certificates().filter(({ status }) => status === 'PENDING_ACTIVATION')).toEqual([]);
  expect(await register(client)).toMatchObject(['/accepted', {}]);
});

test('a slow hook has decided, and the device hears that it has not', async ({ site, core }) => {
  let asked = 0;
  core.admin.setHook(() => {
    asked += 1;
    return { allowProvisioning: true };
  });
  core.admin.faults.arm({ kind: 'hook-slow' });
  const client = await claimant(site, core);
  const { certificateOwnershipToken } = await create(client);
  const answer = ask(client, PROVISION, { certificateOwnershipToken, parameters: NAMED });
  await expect.poll(() => asked).toBe(1);
  await site.clock.advance(5_000);
  expect(await answer).toMatchObject(['/rejected', { statusCode: 403, errorMessage: 'no answer within 5000 ms' }]);
  expect(core.admin.things()).toEqual([]);
});

test('a hook fails, and refuses with a reason, where there is none', async ({ site, core }) => {
  core.admin.faults.arm({ kind: 'hook-failing' }, { kind: 'hook-refusing', reason: 'not today' });
  const client = await claimant(site, core);
  expect(await register(client)).toMatchObject(['/rejected', { statusCode: 403, errorMessage: 'the hook failed' }]);
  expect(await register(client)).toMatchObject(['/rejected', { statusCode: 403, errorMessage: 'not today' }]);
  expect(await register(client)).toMatchObject(['/accepted', {}]);
});

test('requests and connections are throttled', async ({ site, core }) => {
  core.admin.faults.arm({ kind: 'throttled', operation: 'RegisterThing' }, { kind: 'throttled', clientId: 'busy' });
  const client = await claimant(site, core);
  expect(await register(client)).toMatchObject(['/rejected', { statusCode: 429, errorCode: 'TooManyRequests' }]);
  expect(await register(client)).toMatchObject(['/accepted', {}]);
  const busy = await site.dial(core, await site.anybody(core));
  expect(await busy.greet('busy')).toMatchObject({ cmd: 'connack', reasonCode: 0x97 });
});

test('a certificate is revoked in the middle of a request, or before it connects', async ({ site, core }) => {
  core.admin.faults.arm({ kind: 'certificate-revoked', operation: 'RegisterThing' });
  const client = await claimant(site, core);
  const { certificateOwnershipToken } = await create(client);
  const heard = await client.publish(PROVISION, JSON.stringify({ certificateOwnershipToken, parameters: NAMED }));
  expect(heard).toMatchObject({ cmd: 'disconnect', reasonCode: 0x87 });
  expect(core.admin.things()).toEqual([]);
  core.admin.faults.arm({ kind: 'certificate-revoked', operation: 'Connect' });
  const late = await site.dial(core, await site.anybody(core));
  expect(await late.greet('late')).toMatchObject({ reasonCode: 0x87 });
});

test('a fault lets some occasions pass, strikes as often as it is told, and is forgotten', async ({ site, core }) => {
  core.admin.faults.arm({ kind: 'throttled', operation: 'CreateCertificateFromCsr', skip: 1, times: 2 });
  const client = await claimant(site, core);
  const { csrPem } = await makeCsr();
  const heard: string[] = [];
  for (let n = 0; n < 4; n += 1) heard.push((await ask(client, CREATE, { certificateSigningRequest: csrPem }))[0]);
  expect(heard).toEqual(['/accepted', '/rejected', '/rejected', '/accepted']);
  core.admin.faults.clear();
  expect(core.admin.faults.report()).toEqual([]);
});

test.for([
  [{ kind: 'answer-late', delayMs: 0 }],
  [{ kind: 'throttled', topic: 'a/#/b' }],
  [{ kind: 'throttled', times: 0 }],
] as const)('the script %j is refused whole', ([fault], { core }) => {
  expect(() => core.admin.faults.arm({ kind: 'puback-lost' }, fault)).toThrow(
    expect.objectContaining({ code: 'iot.fault-invalid' }),
  );
  expect(core.admin.faults.report()).toEqual([]);
});

test('links that were frozen do not hold the stand-in up when it stops', async ({ site, core }) => {
  const client = await site.join(core, await site.anybody(core), 'c');
  core.admin.freezeClient('c');
  await core.stop();
  expect(await client.next()).toEqual({ cmd: 'closed' });
});
