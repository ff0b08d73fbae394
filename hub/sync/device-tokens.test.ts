import { generateKeyPairSync } from 'node:crypto';
import { decodeProtectedHeader } from 'jose';
import { expect, test } from 'vitest';
import type { HubIdentity } from '../../provisioning/index.js';
import { StillClock } from '../../test/support/hub-site.js';
import { DeviceTokens } from './device-tokens.js';

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
