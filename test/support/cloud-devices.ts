import 'reflect-metadata';
import { createHash, randomBytes, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { SignJWT } from 'jose';
import { v7 } from 'uuid';
import { DEVICE_TOKEN_AUDIENCE, type Heartbeat, ROTATION_TEMPLATE_NAME, type State } from '../../contract/index.js';

/** A clock that stands until it is moved: who sleeps on it wakes when enough has passed. */
export class StandingClock {
  nowMs = Date.UTC(2026, 2, 1, 7);
  #sleepers: { atMs: number; wake: () => void }[] = [];

  now(): number {
    return this.nowMs;
  }

  /** How many sleep on it now. */
  get sleepers(): number {
    return this.#sleepers.length;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const sleeper = { atMs: this.nowMs + ms, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter((one) => one !== sleeper);
        reject(signal.reason);
      });
    });
  }

  pass(ms: number): void {
    this.nowMs += ms;
    const due = this.#sleepers.filter(({ atMs }) => atMs <= this.nowMs);
    this.#sleepers = this.#sleepers.filter((one) => !due.includes(one));
    for (const { wake } of due) wake();
  }
}

/** A device's hook input, key and tokens. */
export type TestHub = {
  hwId: string;
  thingName: string;
  certificateId: string;
  token: (change?: { nowMs?: number; kid?: string; sub?: string; aud?: string; lifeS?: number }) => Promise<string>;
};

/** A state message of a hub with these displays. */
export function stateOf(
  hub: Pick<TestHub, 'hwId'>,
  clock: { nowMs: number },
  displays: Partial<State['displays'][number]>[],
  rev = 1,
  more: Partial<Pick<State, 'bound' | 'householdId'>> = {},
): State {
  const at = new Date(clock.nowMs).toISOString();
  return {
    v: 1,
    at,
    rev,
    hwId: hub.hwId,
    model: 'inklet-hub-1',
    version: '1.0.0',
    bound: false,
    ...more,
    displays: displays.map((display) => ({
      displayId: v7(),
      name: 'Kitchen',
      kind: 'wired',
      panel: '7in5_V2',
      width: 800,
      height: 480,
      inks: ['black', 'white'],
      currentPresentationId: null,
      pendingPresentationId: null,
      frameSha256: null,
      updatedAt: at,
      ...display,
    })),
  };
}

/** A sign of life that promises the next in a minute. */
export function heartbeatOf(clock: { nowMs: number }): Heartbeat {
  const at = new Date(clock.nowMs).toISOString();
  return {
    v: 1,
    at,
    bootId: v7(),
    uptimeS: 1,
    version: '1.0.1',
    queueDepth: 0,
    rssBytes: 1,
    temperatureC: null,
    link: { connectedSince: at, reconnects: 0 },
    nextHeartbeatS: 60,
  };
}

export type Device = { keys: webcrypto.CryptoKeyPair; certificateId: string; certificatePem: string };

/** A device's own key, and the certificate that AWS IoT would make for it. */
export async function makeDevice(
  algorithm: webcrypto.EcKeyGenParams | webcrypto.RsaHashedKeyGenParams = { name: 'ECDSA', namedCurve: 'P-256' },
  keys?: webcrypto.CryptoKeyPair,
): Promise<Device> {
  x509.cryptoProvider.set(webcrypto);
  const pair = keys ?? (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']));
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=AWS IoT Certificate',
    signingAlgorithm: { ...algorithm, hash: 'SHA-256' },
    keys: pair,
  });
  return {
    keys: pair,
    certificateId: createHash('sha256').update(Buffer.from(certificate.rawData)).digest('hex'),
    certificatePem: certificate.toString('pem'),
  };
}

/** What AWS IoT hands to the hook for a device. */
export function hookInput(
  device: Pick<Device, 'certificateId' | 'certificatePem'>,
  parameters: Record<string, string>,
  claimCertificateId = randomBytes(32).toString('hex'),
): object {
  return {
    claimCertificateId,
    certificateId: device.certificateId,
    certificatePem: device.certificatePem,
    templateArn: 'arn:aws:iot:eu-central-1:000000000000:provisioningtemplate/inklet-hub',
    clientId: 'inklet-fp-1',
    parameters,
  };
}

/** What AWS IoT hands to the hook for a hub that asks for its next certificate by the one that it has. */
export function rotationInput(
  hub: Pick<TestHub, 'hwId' | 'thingName' | 'certificateId'>,
  next: Pick<Device, 'certificateId' | 'certificatePem'>,
): object {
  return {
    claimCertificateId: hub.certificateId,
    certificateId: next.certificateId,
    certificatePem: next.certificatePem,
    templateArn: `arn:aws:iot:eu-central-1:000000000000:provisioningtemplate/${ROTATION_TEMPLATE_NAME}`,
    clientId: hub.thingName,
    parameters: { hwId: hub.hwId },
  };
}

/** Makes the device tokens of a thing, signed with a device's key. */
export function tokensOf(thingName: string, device: Device, clock: { nowMs: number }): TestHub['token'] {
  return ({
    nowMs = clock.nowMs,
    kid = device.certificateId,
    sub = thingName,
    aud = DEVICE_TOKEN_AUDIENCE,
    lifeS = 300,
  } = {}) =>
    new SignJWT({})
      .setProtectedHeader({ alg: device.keys.privateKey.algorithm.name === 'ECDSA' ? 'ES256' : 'RS256', kid })
      .setSubject(sub)
      .setAudience(aud)
      .setIssuedAt(Math.floor(nowMs / 1000))
      .setExpirationTime(Math.floor(nowMs / 1000) + lifeS)
      .sign(device.keys.privateKey);
}
