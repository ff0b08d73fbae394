import 'reflect-metadata';
import { generateKeyPairSync, webcrypto } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as x509 from '@peculiar/x509';
import * as vitest from 'vitest';
import type { Clock } from '../../hardware/index.js';
import type { Credentials } from './certificate-authority.js';
import { type IotCore, type IotCoreOptions, startIotCore } from './iot-core.js';
import { RawClient, type RawOptions } from './raw-client.js';
import { DEVICE_POLICY } from './shipped-policies.js';

/** Time that moves when told to. */
export class ManualClock implements Clock {
  #nowMs = Date.UTC(2026, 0, 1);
  #sleepers: { atMs: number; wake: () => void }[] = [];

  now(): number {
    return this.#nowMs;
  }

  monotonic(): number {
    return this.#nowMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) reject(signal.reason);
      const sleeper = { atMs: this.#nowMs + ms, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter((one) => one !== sleeper);
        reject(signal.reason);
      });
    });
  }

  /** Sets the clock on without waking anybody. */
  jump(ms: number): void {
    this.#nowMs += ms;
  }

  /** Moves time on, waking sleepers in their order and letting each act before the next. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const [next] = this.#sleepers.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      this.#sleepers = this.#sleepers.filter((one) => one !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.wake();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#nowMs = endMs;
  }
}

type KeyPair = Pick<Credentials, 'certPem' | 'keyPem'>;

/** A stand-in in a folder of its own, with what a test needs around it. */
export class Site {
  readonly dir = mkdtempSync(path.join(tmpdir(), 'iot-core-'));
  readonly clock = new ManualClock();
  readonly #closers: (() => void | Promise<void>)[] = [];

  async start(options: Partial<IotCoreOptions> = {}): Promise<IotCore> {
    const core = await startIotCore({ dir: this.dir, host: '127.0.0.1', port: 0, clock: this.clock, ...options });
    this.onClose(() => core.stop());
    return core;
  }

  onClose(closer: () => void | Promise<void>): void {
    this.#closers.unshift(closer);
  }

  /** A certificate that may do everything, for tests of the broker alone. */
  async anybody(core: IotCore): Promise<Credentials> {
    core.admin.putPolicy('everything', {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'iot:*', Resource: '*' }],
    });
    return await core.admin.createCertificate('anybody', ['everything']);
  }

  /** A thing with its certificate, as provisioning would leave it. */
  async device(core: IotCore, thingName: string): Promise<Credentials> {
    const credentials = await core.admin.createCertificate(thingName, [DEVICE_POLICY]);
    core.admin.attachThing(thingName, credentials.certificateId);
    return credentials;
  }

  /** A client below any client library; not yet introduced with CONNECT. */
  async dial(core: IotCore, credentials: KeyPair, options: RawOptions = {}): Promise<RawClient> {
    const client = await RawClient.dial(core, credentials, options);
    this.onClose(() => client.cut());
    return client;
  }

  /** A client that has said CONNECT and heard CONNACK 0. */
  async join(
    core: IotCore,
    credentials: KeyPair,
    clientId: string,
    options: RawOptions & Parameters<RawClient['connect']>[1] = {},
  ): Promise<RawClient> {
    const client = await this.dial(core, credentials, options);
    await client.connect(clientId, options);
    return client;
  }

  async close(): Promise<void> {
    for (const closer of this.#closers) await closer();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** A P-256 key and a signing request for it. */
export async function makeCsr(): Promise<{ csrPem: string; keyPem: string }> {
  x509.cryptoProvider.set(webcrypto);
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' });
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=hub',
    keys: {
      privateKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign']),
      publicKey: await webcrypto.subtle.importKey('spki', spki, algorithm, true, ['verify']),
    },
    signingAlgorithm: algorithm,
  });
  return { csrPem: csr.toString('pem'), keyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() };
}

export const test = vitest.test.extend<{ site: Site; core: IotCore }>({
  site: async ({ task: _ }, use) => {
    const site = new Site();
    await use(site);
    await site.close();
  },
  core: async ({ site }, use) => {
    await use(await site.start());
  },
});
