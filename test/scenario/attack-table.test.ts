import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { describe, expect } from 'vitest';
import { DEVICE_TOKEN_AUDIENCE, deviceTopics, ROTATION_TEMPLATE_NAME } from '../../contract/index.js';
import { RawClient } from '../../device-sim/iot-core/raw-client.js';
import { ATTACKER_HW_ID, type AttackWorld, test } from '../support/attack-world.js';
import { ATTACKERS, type Attempt } from '../support/attackers.js';

const LIMIT_MS = 60_000;
const NOT_AUTHORIZED = '135';
const QUOTA_EXCEEDED = 151;
const OTHER_UID = '04ffffffffffff';
const UNREGISTERED = 'e'.repeat(64);
const STRANGERS_KEY = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
}).privateKey;
const CLIENTS = ['the AWS SDK', 'mqtt.js', 'raw packets'] as const;

/** At the broker: what is tried, and how a session of ours names the refusal. */
const AT_BROKER: readonly (readonly [string, (world: AttackWorld) => Attempt, string])[] = [
  ['a claim certificate connects as a hub', (w) => asClaim(w, { clientId: w.victim.thingName }), 'link.refused'],
  ['a claim certificate speaks for a hub', (w) => asClaim(w, { publish: topicsOf(w).state }), 'link.not-allowed'],
  ['a claim certificate hears a hub', (w) => asClaim(w, { subscribe: topicsOf(w).command }), 'link.not-allowed'],
  ['a claim certificate asks for a rotation', (w) => asClaim(w, { publish: ROTATION }), 'link.not-allowed'],
  ['a hub connects as another', (w) => asHub(w, { clientId: w.victim.thingName }), 'link.refused'],
  ['a hub speaks for another', (w) => asHub(w, { publish: topicsOf(w).state }), 'link.not-allowed'],
  [
    'a hub asks for a claim code for another',
    (w) => asHub(w, { publish: topicsOf(w).requestClaim }),
    'link.not-allowed',
  ],
  ['a hub commands another', (w) => asHub(w, { publish: topicsOf(w).command }), 'link.not-allowed'],
  ['a hub hears another', (w) => asHub(w, { subscribe: topicsOf(w).command }), 'link.not-allowed'],
  ['a hub hears them all', (w) => asHub(w, { subscribe: 'inklet/dev/+/down/cmd' }), 'link.not-allowed'],
  ['a hub asks as a new one', (w) => asHub(w, { publish: CLAIM }), 'link.not-allowed'],
];
const ROTATION = `$aws/provisioning-templates/${ROTATION_TEMPLATE_NAME}/provision/json`;
const CLAIM = '$aws/provisioning-templates/inklet-hub/provision/json';

describe.each(CLIENTS)('by %s (more of the policies: device-sim/iot-core/authorization.test.ts)', (client) => {
  test.for(AT_BROKER)('%s: refused, and nothing is changed', { timeout: LIMIT_MS }, async (row, { world }) => {
    const [, attemptOf, code] = row;
    const before = await world.everything();
    const fate = await ATTACKERS[client](world.iotCore, attemptOf(world));
    expect(fate).toBe(client === 'raw packets' ? NOT_AUTHORIZED : code);
    expect(await world.everything()).toEqual(before);
  });
});

describe('at the hook (its eight checks, one by one: cloud-api/device/pre-provisioning.test.ts)', () => {
  test('a tag whose signature is not the factory’s: refused, and nothing is changed', async ({ world }) => {
    const hwId = '0123456789abcdef0123';
    await world.cloud.make(hwId);
    const { hwSig = '' } = await world.cloud.proofOf('99999999999999999999');
    await refused(world, () => world.provision(hwId, { parameters: { hwSig } }), 'wrong-signature');
  });

  test('a tag that was copied to another UID: refused, and nothing is changed', async ({ world }) => {
    const hwId = '0123456789abcdef0124';
    await world.cloud.make(hwId);
    await refused(world, () => world.provision(hwId, { parameters: { tagUid: OTHER_UID } }), 'wrong-signature');
    const { hwSig = '' } = await world.cloud.proofOf(hwId, { tagUid: OTHER_UID });
    const resigned = { tagUid: OTHER_UID, hwSig };
    await refused(world, () => world.provision(hwId, { parameters: resigned }), 'tag-mismatch');
  });

  test('a card that was cloned asks for other hardware with the key of a hub: refused, and nothing is changed', async ({
    world,
  }) => {
    const hwId = '0123456789abcdef0125';
    await world.cloud.make(hwId);
    const { keyPem } = world.victim;
    await refused(world, () => world.provision(hwId, { keyPem }), 'duplicate-key');
  });

  test('hardware that is at work is claimed once more without a ticket: refused, and nothing is changed', async ({
    world,
  }) => {
    await world.cloud.call('POST', '/v1/sync', { token: await tokenOf(world, {}), body: {} });
    await refused(world, () => world.provision(ATTACKER_HW_ID), 'already-provisioned');
  });
});

describe('over HTTP (more: cloud-api/sync/sync.test.ts, cloud-api/content/asset-routes.test.ts)', () => {
  test.for([
    ['a hub signs for another', (w: AttackWorld) => ({ sub: w.victim.thingName })],
    ['a hub names the certificate of another', (w: AttackWorld) => ({ kid: w.victim.certificateId })],
    ['a hub names both', (w: AttackWorld) => ({ sub: w.victim.thingName, kid: w.victim.certificateId })],
    ['a claim certificate signs', (w: AttackWorld) => ({ kid: w.claim.certificateId, keyPem: w.claim.keyPem })],
    ['a certificate signs that is not registered', () => ({ kid: UNREGISTERED, keyPem: STRANGERS_KEY })],
    ['a certificate is named that nobody has', () => ({ kid: UNREGISTERED })],
    ['a token for another service is shown', () => ({ aud: 'another-service' })],
    ['a token that is good for an hour is shown', () => ({ lifeS: 3600 })],
    ['a token of ten minutes ago is shown', () => ({ ageS: 600 })],
  ] as const)('%s: no sync, no picture, no commit, and nothing is changed', async ([, change], { world }) => {
    const before = await world.everything();
    const token = await tokenOf(world, change(world));
    const { certificateId, pictureSha256 } = world.victim;
    const replies = [
      await world.cloud.call('POST', '/v1/sync', { token, body: {} }),
      await world.cloud.call('GET', `/v1/assets/${pictureSha256}`, { token }),
      await world.cloud.call('POST', '/v1/certificates/commit', { token, body: { replaces: certificateId } }),
    ];
    const refused = { status: 401, body: { error: { code: 'authentication_failed' } } };
    expect(replies).toMatchObject([refused, refused, refused]);
    expect(await world.everything()).toEqual(before);
  });

  test('a hub fetches the picture of another household, or commits what is not its own: refused', async ({ world }) => {
    const token = await tokenOf(world, {});
    const { certificateId, pictureSha256 } = world.victim;
    expect(pictureSha256).toMatch(/^[0-9a-f]{64}$/);
    await world.cloud.call('POST', '/v1/sync', { token, body: {} });
    const before = await world.everything();
    expect(await world.cloud.call('GET', `/v1/assets/${pictureSha256}`, { token })).toMatchObject({
      ...{ status: 404, body: { error: { code: 'asset_not_found' } } },
    });
    const body = { replaces: certificateId };
    expect(await world.cloud.call('POST', '/v1/certificates/commit', { token, body })).toMatchObject({
      ...{ status: 409, body: { error: { code: 'certificate.not-pending' } } },
    });
    expect(await world.everything()).toEqual(before);
  });
});

test('a payload above 128 KiB is refused by its code, and nothing is changed', async ({ world }) => {
  const { attacker, iotCore } = world;
  const before = await world.everything();
  const client = await RawClient.dial(iotCore, attacker);
  await client.connect(attacker.thingName);
  const { state: topic } = deviceTopics(attacker.thingName);
  const payload = Buffer.alloc(128 * 1024 + 1, ' ');
  client.send({ cmd: 'publish', topic, payload, qos: 1, messageId: 2, dup: false, retain: false });
  expect(await client.next()).toMatchObject({ cmd: 'puback', reasonCode: QUOTA_EXCEEDED });
  client.cut();
  expect(await world.everything()).toEqual(before);
});

async function refused(world: AttackWorld, attack: () => Promise<unknown>, reason: string): Promise<void> {
  const before = await world.everything();
  await expect(attack()).rejects.toMatchObject({ code: 'claim.refused', message: expect.stringContaining(reason) });
  expect(await world.everything()).toEqual(before);
}

function topicsOf({ victim }: AttackWorld): ReturnType<typeof deviceTopics> {
  return deviceTopics(victim.thingName);
}

function asClaim({ claim }: AttackWorld, more: Partial<Attempt>): Attempt {
  return { pair: claim, clientId: 'inklet-fp-1', ...more };
}

function asHub({ attacker }: AttackWorld, more: Partial<Attempt>): Attempt {
  return { pair: attacker, clientId: attacker.thingName, ...more };
}

type TokenChange = { sub?: string; kid?: string; keyPem?: string; aud?: string; lifeS?: number; ageS?: number };

/** A device token of the attacker, with other claims or of another key. */
async function tokenOf(
  { attacker, cloud }: AttackWorld,
  {
    sub = attacker.thingName,
    kid = attacker.certificateId,
    keyPem = attacker.keyPem,
    aud = DEVICE_TOKEN_AUDIENCE,
    lifeS = 300,
    ageS = 0,
  }: TokenChange,
): Promise<string> {
  const nowS = Math.floor(cloud.clock.nowMs / 1000) - ageS;
  return await new SignJWT()
    .setProtectedHeader({ alg: 'ES256', kid })
    .setSubject(sub)
    .setAudience(aud)
    .setIssuedAt(nowS)
    .setExpirationTime(nowS + lifeS)
    .sign(createPrivateKey(keyPem));
}
