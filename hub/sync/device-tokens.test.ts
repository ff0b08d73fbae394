import { generateKeyPairSync } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { expect, test } from 'vitest';
import type { HubIdentity } from '../../provisioning/index.js';
import { StillClock } from '../../test/support/hub-site.js';
import { askCloud } from './cloud-http.js';
import { DeviceTokens } from './device-tokens.js';

const DAY_MS = 24 * 60 * 60 * 1000;

function identityOf(certificateId: string): HubIdentity {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const keyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const facts = { hwId: '00', model: 1, thingName: 'inklet-a', certPem: '', deviceConfiguration: {} };
  return { ...facts, certificateId, keyPem };
}

test('a token is used until shortly before its end, and signed anew when it is refused', async () => {
  const clock = new StillClock();
  const identity = identityOf('a'.repeat(64));
  const tokens = new DeviceTokens({ identity: () => identity, clock });
  const first = await tokens.get(false);
  clock.advance(240_000);
  expect(await tokens.get(false)).toBe(first);
  clock.advance(1);
  const second = await tokens.get(false);
  expect(second).not.toBe(first);
  expect(await tokens.get(true)).not.toBe(second);
});

test('a hub with another certificate signs by that one at once', async () => {
  let identity = identityOf('a'.repeat(64));
  const tokens = new DeviceTokens({ identity: () => identity, clock: new StillClock() });
  const kid = async () => decodeProtectedHeader(await tokens.get(false)).kid;
  expect(await kid()).toBe('a'.repeat(64));
  identity = identityOf('b'.repeat(64));
  expect(await kid()).toBe('b'.repeat(64));
});

// A hub whose clock was a day off was refused for as long as it was.
test('a hub whose clock is wrong signs by the time of the cloud that has refused it', async () => {
  const clock = new StillClock();
  const identity = identityOf('a'.repeat(64));
  const tokens = new DeviceTokens({ identity: () => identity, clock });
  const issuedMs = (token: string) => (decodeJwt(token).iat ?? 0) * 1000;
  const cloudMs = clock.now();
  clock.jumpWall(-56 * 365 * DAY_MS);
  expect(issuedMs(await tokens.get(false))).toBe(clock.now());
  expect(issuedMs(await tokens.get(true, cloudMs))).toBe(cloudMs);
  clock.advance(300_000);
  expect(issuedMs(await tokens.get(false))).toBe(cloudMs + 300_000);
  // Somebody has set it.
  clock.jumpWall(56 * 365 * DAY_MS);
  expect(issuedMs(await tokens.get(true, clock.now() - 1_000))).toBe(clock.now());
});

test('a refusal is answered by a token of the time that came with it', async () => {
  const asked: (number | undefined)[] = [];
  const answers = [
    new Response(null, { status: 401, headers: { date: 'Sun, 01 Mar 2026 07:00:00 GMT' } }),
    new Response('{}', { status: 200 }),
  ];
  const token = async (_renew: boolean, cloudMs?: number) => {
    asked.push(cloudMs);
    return 'token';
  };
  const send = async () => answers.shift() ?? Response.error();
  const response = await askCloud({ baseUrl: 'http://cloud', token, fetch: send }, '/v1/sync', {});
  expect(response.status).toBe(200);
  expect(asked).toEqual([undefined, Date.UTC(2026, 2, 1, 7)]);
});
