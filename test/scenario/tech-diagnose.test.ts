import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import * as x509 from '@peculiar/x509';
import { expect } from 'vitest';
import { z } from 'zod';
import type { HardwareReport } from '../../contract/index.js';
import { CertificateAuthority } from '../../device-sim/iot-core/certificate-authority.js';
import { KeyStore } from '../../provisioning/index.js';
import { tagNumber, techHere, techTest } from '../support/tech.js';
import { OPERATOR_TOKEN, TechCloud } from '../support/tech-cloud.js';

const HW_ID = '00112233445566778899';
const AT = new Date().toISOString();
const LONG_AGO = '2026-01-01T00:00:00.000Z';
const CERTIFICATE = { id: 'c'.repeat(64), status: 'live', createdAt: AT, firstUsedAt: AT };
const HEALTHY: HardwareReport = {
  hwId: HW_ID,
  state: 'PROVISIONED',
  thingName: 'inklet-aaisem2ekvthpcez',
  lastSeenAt: AT,
  certificates: [CERTIFICATE],
  decisions: [{ at: AT, allowed: true, reason: null }],
};
const STATUS = {
  version: '0.1.0',
  hwId: HW_ID,
  thingName: 'inklet-aaisem2ekvthpcez',
  identity: { state: 'ready', code: null, message: null, advice: null },
  link: { connected: true, connectedSince: AT },
  sync: { lastSuccessAt: AT, lastError: null },
};

/** A hub, a broker and a cloud that are well, and the flags that name them. */
class Site {
  readonly cloud = new TechCloud();
  status: unknown = STATUS;
  hubDate: string | undefined;
  readonly #dir: string;
  readonly #hub: Server = createServer((_, response) => {
    const date = this.hubDate === undefined ? {} : { date: this.hubDate };
    response.writeHead(200, date).end(JSON.stringify(this.status));
  });
  #broker: ReturnType<typeof createTlsServer> | undefined;

  constructor(dir: string) {
    this.#dir = dir;
  }

  async start(): Promise<void> {
    const { server, caPem } = await CertificateAuthority.open(path.join(this.#dir));
    await writeFile(path.join(this.#dir, 'iot-ca.pem'), caPem);
    await writeFile(path.join(this.#dir, 'operator-token'), OPERATOR_TOKEN);
    this.#broker = createTlsServer({ cert: server.certPem, key: server.keyPem }).on('tlsClientError', () => undefined);
    this.#broker.on('secureConnection', (socket) => socket.on('error', () => undefined));
    for (const listener of [this.#broker, this.#hub]) {
      listener.listen(0, '127.0.0.1');
      await once(listener, 'listening');
    }
    await this.cloud.start();
    this.cloud.registered.set(HW_ID, HEALTHY);
  }

  flags(): Record<string, string> {
    return {
      'hw-id': HW_ID,
      hub: `http://127.0.0.1:${portOf(this.#hub)}`,
      cloud: this.cloud.url,
      'operator-token-file': 'operator-token',
      'iot-endpoint': 'localhost',
      'iot-port': String(portOf(this.#broker)),
      'iot-ca': 'iot-ca.pem',
    };
  }

  async stop(): Promise<void> {
    this.#hub.closeAllConnections();
    this.#hub.close();
    this.#broker?.close();
    await this.cloud.stop();
  }
}

function portOf(server: { address(): AddressInfo | string | null } | undefined): number {
  const address = server?.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const LineSchema = z.object({
  event: z.string(),
  step: z.string().optional(),
  status: z.string().optional(),
  code: z.string().optional(),
  cause: z.object({ step: z.string(), code: z.string(), advice: z.string() }).nullish(),
});

const test = techTest
  .extend('site', async ({ dir }, { onCleanup }) => {
    const site = new Site(dir);
    await site.start();
    onCleanup(() => site.stop());
    return site;
  })
  .extend('diagnose', ({ dir }) => async (flags: Record<string, string>, ...more: string[]) => {
    const named = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
    const { code, stdout, stderr } = await techHere({ dir }, 'diagnose', ...named, ...more, '--json');
    expect(stderr).toBe('');
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => LineSchema.parse(JSON.parse(line)));
    const steps = new Map(lines.map(({ step, status, code: found }) => [step, `${status} ${found}`]));
    return { code, steps, cause: lines.at(-1)?.cause };
  });

test('of a hub that is well, every step that can be looked at is well', async ({
  bench,
  diagnose,
  dir,
  site,
  tech,
}) => {
  await tech('keygen');
  bench.place(tagNumber(1));
  const reader = ['--hardware-socket', 'reader.sock'];
  await tech('make-tag', '--batch', '7', '--hw-id', HW_ID, ...reader);
  const authority = await CertificateAuthority.open(dir);
  const { certPem, keyPem } = await authority.issueWithKey('claim');
  await writeFile(path.join(dir, 'claim.pem'), certPem);
  await writeFile(path.join(dir, 'claim.key'), keyPem);
  const flags = { ...site.flags(), 'claim-cert': 'claim.pem', 'claim-key': 'claim.key' };
  const { code, steps, cause } = await diagnose(flags, ...reader);
  expect({ code, cause }).toEqual({ code: 0, cause: null });
  const { identity, ...rest } = Object.fromEntries(steps);
  expect(identity).toBe('unknown diagnose.not-asked');
  expect(new Set(Object.values(rest))).toEqual(new Set(['ok ok', 'undefined undefined']));
});

type Change = (site: Site, flags: Record<string, string>) => void;

test.for<[string, Change, string]>([
  ['is switched off', (_, flags) => Object.assign(flags, { hub: 'http://127.0.0.1:1' }), 'hub-page hub.unreachable'],
  [
    'is another',
    (site) => Object.assign(site, { status: { ...STATUS, hwId: 'f'.repeat(20) } }),
    'hub-page hub.another-hardware',
  ],
  ['is a printer', (site) => Object.assign(site, { status: '<html>' }), 'hub-page hub.bad-answer'],
  [
    'lives in 1970',
    (site) => Object.assign(site, { hubDate: 'Thu, 01 Jan 1970 00:10:00 GMT' }),
    'hub-clock clock.not-set',
  ],
  [
    'is hours late',
    (site) => Object.assign(site, { hubDate: 'Sun, 01 Mar 2026 00:10:00 GMT' }),
    'hub-clock clock.wrong',
  ],
  ['has no such broker', (_, flags) => Object.assign(flags, { 'iot-endpoint': 'x'.repeat(70) }), 'dns dns.no-address'],
  ['has nobody at that port', (_, flags) => Object.assign(flags, { 'iot-port': '1' }), 'tcp tcp.refused'],
  ['meets a stranger there', (_, flags) => Object.assign(flags, { 'iot-ca': 'other-ca.pem' }), 'tls tls.untrusted'],
  [
    'meets no TLS there',
    (site, flags) => Object.assign(flags, { 'iot-port': new URL(site.cloud.url).port }),
    'tls tls.failed',
  ],
  [
    'has a cloud that is away',
    (_, flags) => Object.assign(flags, { cloud: 'http://127.0.0.1:1' }),
    'cloud cloud.unreachable',
  ],
  ['was never registered', (site) => site.cloud.registered.clear(), 'registry registry.unknown'],
  ['is blocked', (site) => report(site, { state: 'BLOCKED' }), 'registry registry.blocked'],
  [
    'was refused',
    (site) =>
      report(site, { certificates: [], decisions: [{ at: AT, allowed: false, reason: 'already-provisioned' }] }),
    'decision registry.refused',
  ],
  ['has never asked', (site) => report(site, { certificates: [], decisions: [] }), 'certificate certificate.none'],
  [
    'has a certificate that is off',
    (site) => report(site, { certificates: [{ ...CERTIFICATE, status: 'revoked' }] }),
    'certificate certificate.not-active',
  ],
  ['says why', (site) => says(site, 'claim.no-tag'), 'hub-says claim.no-tag'],
  ['is not connected', (site) => says(site, null), 'hub-says hub.not-connected'],
  ['was never heard of', (site) => report(site, { lastSeenAt: null }), 'last-seen hub.never-seen'],
  ['has been silent', (site) => report(site, { lastSeenAt: LONG_AGO }), 'last-seen hub.long-silent'],
])('of a hub that %s, that is the first cause', async ([, change, expected], { diagnose, dir, site }) => {
  const other = await CertificateAuthority.open(await folder(dir, 'other'));
  await writeFile(path.join(dir, 'other-ca.pem'), other.caPem);
  const flags = site.flags();
  change(site, flags);
  const { code, cause } = await diagnose(flags, '--no-tag');
  expect(code).toBe(1);
  expect(`${cause?.step} ${cause?.code}`).toBe(expected);
  expect(cause?.advice.length).toBeGreaterThan(20);
});

test('a claim certificate that is over, or of another key, is found', async ({ diagnose, dir }) => {
  await writeFile(path.join(dir, 'over.pem'), await certificateOf('2020-01-01', '2021-01-01'));
  const over = await diagnose({ 'claim-cert': 'over.pem' }, '--no-tag');
  expect(over.cause).toMatchObject({ step: 'claim-certificate', code: 'claim.not-its-day' });
  const authority = await CertificateAuthority.open(await folder(dir, 'ca'));
  const [one, other] = [await authority.issueWithKey('one'), await authority.issueWithKey('other')];
  await writeFile(path.join(dir, 'one.pem'), one.certPem);
  await writeFile(path.join(dir, 'other.key'), other.keyPem);
  const wrong = await diagnose({ 'claim-cert': 'one.pem', 'claim-key': 'other.key' }, '--no-tag');
  expect(wrong.cause).toMatchObject({ step: 'claim-certificate', code: 'claim.wrong-key' });
});

test('on the hub, the folder with its identity is judged', async ({ diagnose, dir }) => {
  const store = new KeyStore({ dir: path.join(dir, 'identity') });
  const authority = await CertificateAuthority.open(await folder(dir, 'ca'));
  const { certPem, certificateId } = await authority.issueWithKey('hub');
  await store.makeKey();
  await store.writeCertificate(certificateId, certPem);
  const made = { hwId: HW_ID, model: 1, claimNonce: 'n'.repeat(22), certificateId, thingName: 'inklet-a' };
  await store.writeState({ phase: 'VERIFIED', ...made, deviceConfiguration: {} });
  const begun = await diagnose({ 'data-dir': '.' }, '--no-tag');
  expect(begun).toMatchObject({ code: 0, cause: null });
  expect(begun.steps.get('identity')).toBe('unknown identity.not-active');
  await store.writeState({ phase: 'ACTIVE', ...made, deviceConfiguration: {} });
  const wrong = await diagnose({ 'data-dir': '.' }, '--no-tag');
  expect(wrong.cause).toMatchObject({ step: 'identity', code: 'identity.wrong-key' });
  await chmod(path.join(dir, 'identity', 'device-key.pem'), 0o644);
  const open = await diagnose({ 'data-dir': '.' }, '--no-tag');
  expect(open.cause).toMatchObject({ step: 'identity', code: 'identity.too-open' });
  await writeFile(path.join(dir, 'identity', 'state.json'), '{}');
  expect((await diagnose({ 'data-dir': '.' }, '--no-tag')).cause).toMatchObject({ code: 'store.damaged' });
});

function report(site: Site, change: Partial<HardwareReport>): void {
  site.cloud.registered.set(HW_ID, { ...HEALTHY, ...change });
}

function says(site: Site, code: string | null): void {
  const identity = { state: 'trying', code, message: 'what it says', advice: 'lay the tag on the reader, please' };
  site.status = { ...STATUS, identity, link: { connected: false, connectedSince: null } };
}

async function folder(dir: string, name: string): Promise<string> {
  await mkdir(path.join(dir, name));
  return path.join(dir, name);
}

async function certificateOf(notBefore: string, notAfter: string): Promise<string> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  x509.cryptoProvider.set(webcrypto);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const dates = { notBefore: new Date(notBefore), notAfter: new Date(notAfter) };
  const made = { name: 'CN=claim', keys, signingAlgorithm: algorithm, ...dates };
  return (await x509.X509CertificateGenerator.createSelfSigned(made)).toString('pem');
}
