import 'reflect-metadata';
import { createHash, createPublicKey, generateKeyPairSync, webcrypto, X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as x509 from '@peculiar/x509';
import fc from 'fast-check';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { certify, strangersKey } from '../../test/support/certify.js';
import { mortal, Power, PowerCut } from '../../test/support/power-cut.js';
import { ProvisioningError } from '../errors.js';
import { signHwId, thingNameFor } from '../hw-id/index.js';
import { type ClaimExchangeDeps, runClaimExchange } from './claim-exchange.js';
import type { ClaimConnection, ClaimLink } from './claim-link.js';
import { KeyStore } from './key-store.js';

const HW_ID = '00112233445566778899';
const OTHER_HW_ID = 'ffffffffffffffffffff';
const THING = thingNameFor(HW_ID);
const { privateKey } = generateKeyPairSync('ed25519');

function tagOf(hwId: string) {
  return signHwId({ payload: { keyId: 1, hwId, model: 1, batch: 7 }, tagUid: '04de5f1eacc040', privateKey });
}

/** The cloud as far as a claim sees it: tokens are good once, and a hardware id belongs to the nonce that came first. */
class FakeCloud implements ClaimLink, ClaimConnection {
  readonly tokens = new Map<string, string>();
  readonly things = new Map<string, { nonce: string; certificateIds: string[] }>();
  readonly asked: string[] = [];
  /** Thrown in place of the next answers, first to last; undefined: that one is given. */
  failures: (ProvisioningError | undefined)[] = [];
  keyOfNextCertificate: x509.PublicKeyType | undefined;
  nameOfNextThing: string | undefined;
  thingNameVerified: string | undefined;

  async openClaim(): Promise<ClaimConnection> {
    this.#ask('open');
    return this;
  }

  async createCertificateFromCsr(csrPem: string) {
    this.#ask('csr');
    const request = new x509.Pkcs10CertificateRequest(csrPem);
    expect(await request.verify(webcrypto)).toBe(true);
    expect(request.subject).toBe(`CN=${THING}`);
    const issued = await certify(this.keyOfNextCertificate ?? request.publicKey);
    this.keyOfNextCertificate = undefined;
    const token = `token ${this.tokens.size}`;
    this.tokens.set(token, issued.certificateId);
    return { ...issued, token };
  }

  async registerThing({ token, parameters }: { token: string; parameters: Record<string, string> }) {
    this.#ask('register');
    const certificateId = this.tokens.get(token);
    if (certificateId === undefined) throw new ProvisioningError('claim.token-refused', 'used up');
    const { claimNonce: nonce = '', hwId = '' } = parameters;
    const thingName = this.nameOfNextThing ?? thingNameFor(hwId);
    const thing = this.things.get(thingName) ?? { nonce, certificateIds: [] };
    if (thing.nonce !== nonce) throw new ProvisioningError('claim.refused', 'claimed before');
    this.tokens.delete(token);
    thing.certificateIds.push(certificateId);
    this.things.set(thingName, thing);
    return { thingName, deviceConfiguration: { topicPrefix: `inklet/dev/${thingName}` } };
  }

  async close(): Promise<void> {
    this.asked.push('close');
  }

  async verify({ thingName, certPem, keyPem }: { thingName: string; certPem: string; keyPem: string }): Promise<void> {
    this.#ask('verify');
    const certificate = new X509Certificate(certPem);
    const certificateId = createHash('sha256').update(certificate.raw).digest('hex');
    if (!this.things.get(thingName)?.certificateIds.includes(certificateId)) {
      throw new ProvisioningError('link.refused', 'CONNACK 135');
    }
    expect(certificate.publicKey.equals(createPublicKey(keyPem))).toBe(true);
    this.thingNameVerified = thingName;
  }

  #ask(what: string): void {
    this.asked.push(what);
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
  }
}

class FakeClock {
  readonly slept: number[] = [];
  nowMs = Date.UTC(2026, 0, 1);
  now = () => this.nowMs;
  monotonic = () => this.nowMs;
  sleep = async (ms: number, signal?: AbortSignal) => {
    signal?.throwIfAborted();
    this.slept.push(ms);
    this.nowMs += ms;
  };
}

const claimTest = test
  .extend('prefix', path.join(tmpdir(), 'inklet-claim-'))
  .extend('dir', async ({ prefix }, { onCleanup }) => {
    const dir = await mkdtemp(prefix);
    onCleanup(() => rm(dir, { recursive: true, force: true }));
    return dir;
  })
  .extend('cloud', () => new FakeCloud())
  .extend('clock', () => new FakeClock())
  .extend(
    'deps',
    ({ dir, cloud, clock }): ClaimExchangeDeps => ({
      keyStore: new KeyStore({ dir }),
      link: cloud,
      tag: tagOf(HW_ID),
      clock,
      random: () => 0.5,
      log: pino({ level: 'silent' }),
    }),
  );

const failure = (code: ProvisioningError['code']) => new ProvisioningError(code, 'as the test wishes');

async function untilPowerCut(deps: ClaimExchangeDeps, cloud: FakeCloud, left: number): Promise<boolean> {
  const power = new Power(left);
  try {
    await runClaimExchange({ ...deps, keyStore: mortal(deps.keyStore, power), link: mortal<ClaimLink>(cloud, power) });
    return false;
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error;
    return true;
  }
}

async function expectActive(deps: ClaimExchangeDeps, cloud: FakeCloud): Promise<void> {
  const identity = await runClaimExchange(deps);
  expect(identity).toMatchObject({ hwId: HW_ID, model: 1, thingName: THING });
  expect(new X509Certificate(identity.certPem).publicKey.equals(createPublicKey(identity.keyPem))).toBe(true);
  expect([...cloud.things.keys()]).toEqual([THING]);
  expect(cloud.things.get(THING)?.certificateIds).toContain(identity.certificateId);
  expect(cloud.thingNameVerified).toBe(THING);
  expect(await deps.keyStore.identity()).toEqual(identity);
}

claimTest('the steps are asked in order and once', async ({ deps, cloud }) => {
  await expectActive(deps, cloud);
  expect(cloud.asked).toEqual(['open', 'csr', 'register', 'close', 'verify']);
  await expectActive(deps, cloud);
  expect(cloud.asked.length).toBe(5);
});

test('a power cut at any instant is followed by a start that goes on', async () => {
  let instants = 0;
  for (let left = 1; ; left += 1) {
    const dir = await mkdtemp(path.join(tmpdir(), 'inklet-kill-'));
    const cloud = new FakeCloud();
    const deps = depsFor(dir, cloud);
    const wasCut = await untilPowerCut(deps, cloud, left);
    await expectActive(deps, cloud);
    expect((await readdir(dir)).filter((file) => file.endsWith('.new'))).toEqual([]);
    await rm(dir, { recursive: true });
    if (!wasCut) break;
    instants = left;
  }
  expect(instants).toBeGreaterThan(30);
});

test('power cuts one after another are survived as well', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 6 }), async (cuts) => {
      const dir = await mkdtemp(path.join(tmpdir(), 'inklet-kill-'));
      const cloud = new FakeCloud();
      const deps = depsFor(dir, cloud);
      for (const left of cuts) await untilPowerCut(deps, cloud, left);
      await expectActive(deps, cloud);
      await rm(dir, { recursive: true });
    }),
    { numRuns: 30 },
  );
});

claimTest('what time may mend is tried again, each time after a longer wait', async ({ deps, cloud, clock }) => {
  const codes = ['link.no-network', 'claim.unavailable', 'claim.no-answer', 'link.lost', 'claim.bad-answer'] as const;
  await deps.keyStore.makeKey();
  await deps.keyStore.writeState({ phase: 'KEY_MADE', hwId: HW_ID, model: 1, claimNonce: 'a nonce of 22 letters!' });
  cloud.failures = [...codes, ...codes, ...codes].map(failure);
  await expectActive(deps, cloud);
  expect(clock.slept.slice(0, 4)).toEqual([1000, 2000, 4000, 8000]);
  expect(clock.slept.length).toBe(15);
  expect(Math.max(...clock.slept)).toBe(450_000);
});

claimTest.for([
  ['claim.throttled', [30_000, 30_000]],
  ['link.throttled', [30_000, 30_000]],
  ['link.no-network', [0, 0]],
] as const)(
  'who meets %s waits, whatever chance says, at least %j ms',
  async ([code, waits], { deps, cloud, clock }) => {
    cloud.failures = waits.map(() => failure(code));
    await runClaimExchange({ ...deps, random: () => 0 });
    expect(clock.slept).toEqual(waits);
  },
);

claimTest(
  'a clock that nobody set is looked at again within seconds, and each failure is told with its step',
  async ({ deps, clock }) => {
    const told: unknown[] = [];
    const steps: string[] = [];
    clock.nowMs = 0;
    const listener = {
      onStep: (step: string) => void steps.push(step),
      onTrouble: (trouble: unknown) => {
        told.push(trouble);
        if (told.length === 10) clock.nowMs = Date.UTC(2026, 0, 1);
      },
    };
    await runClaimExchange({ ...deps, random: () => 1, listener });
    expect(Math.max(...clock.slept)).toBe(15_000);
    expect(told[9]).toEqual({
      ...{ code: 'link.clock-not-set', message: expect.stringContaining('1970'), step: 'check-clock', waitMs: 15_000 },
    });
    expect(steps.slice(9)).toEqual([
      ...['check-clock', 'check-clock', 'make-key', 'connect', 'ask-certificate', 'register', 'verify'],
    ]);
  },
);

claimTest('each connection is closed, whatever happens on it', async ({ deps, cloud }) => {
  cloud.failures = [failure('link.no-network')];
  await runClaimExchange(deps);
  const count = (what: string) => cloud.asked.filter((asked) => asked === what).length;
  expect(count('close')).toBe(count('open') - 1);
});

claimTest.for(['claim.refused', 'claim.rejected', 'link.not-allowed', 'claim.no-certificate'] as const)(
  'what time does not mend is told at once: %s',
  async (code, { deps, cloud, clock }) => {
    cloud.failures = [failure(code)];
    await expect(runClaimExchange(deps)).rejects.toMatchObject({ code });
    expect(clock.slept).toEqual([]);
    await expectActive(deps, cloud);
  },
);

claimTest('a refused token is followed by a new certificate for the same claim', async ({ deps, cloud, dir }) => {
  cloud.failures = [failure('claim.refused')];
  await expect(runClaimExchange(deps)).rejects.toMatchObject({ code: 'claim.refused' });
  cloud.tokens.clear();
  await expectActive(deps, cloud);
  expect((await readdir(dir)).filter((file) => file.startsWith('certificate-')).length).toBe(1);
});

claimTest('a token of an hour ago is not tried', async ({ deps, cloud, clock }) => {
  await untilPowerCut(deps, cloud, 1_000);
  expect(cloud.asked.filter((what) => what === 'csr').length).toBe(1);
  const { phase: _phase, ...registered } = await registeredState(deps);
  await deps.keyStore.writeState({
    ...registered,
    phase: 'CERT_ISSUED',
    token: 'an old one',
    tokenUntilMs: clock.nowMs - 1,
  });
  await expectActive(deps, cloud);
  expect(cloud.asked.filter((what) => what === 'csr').length).toBe(2);
  expect(clock.slept).toEqual([]);
});

claimTest('a certificate for another key is not kept', async ({ deps, cloud, clock, dir }) => {
  cloud.keyOfNextCertificate = await strangersKey();
  await expectActive(deps, cloud);
  expect(clock.slept.length).toBe(1);
  expect((await readdir(dir)).filter((file) => file.startsWith('certificate-')).length).toBe(1);
});

// A hub on which tag B was laid for a moment kept the certificate of tag A beside the key of B, and never got in.
test('a power cut while another tag is taken up leaves no certificate beside a key that is not its own', async () => {
  for (let left = 1; ; left += 1) {
    const dir = await mkdtemp(path.join(tmpdir(), 'inklet-kill-'));
    const cloud = new FakeCloud();
    const deps = depsFor(dir, cloud);
    const refuseAt = (asked: number) => [...new Array(asked).fill(undefined), failure('claim.refused')];
    cloud.failures = refuseAt(2);
    await expect(runClaimExchange(deps)).rejects.toMatchObject({ code: 'claim.refused' });
    expect(await deps.keyStore.readState()).toMatchObject({ phase: 'CERT_ISSUED' });
    cloud.failures = refuseAt(0);
    const wasCut = await untilPowerCut({ ...deps, tag: tagOf(OTHER_HW_ID) }, cloud, left).catch(() => false);
    cloud.failures = [];
    await expectActive(deps, cloud);
    await rm(dir, { recursive: true });
    if (!wasCut) break;
  }
});

claimTest.for(['CERT_ISSUED', 'REGISTERED', 'VERIFIED'] as const)(
  'a key and a certificate that are no pair are not tried for ever: %s',
  async (phase, { deps, cloud }) => {
    await runClaimExchange(deps);
    const state = await registeredState(deps);
    const token = { token: 'an old one', tokenUntilMs: deps.clock.now() + 1000 };
    await deps.keyStore.writeState(phase === 'CERT_ISSUED' ? { ...state, phase, ...token } : { ...state, phase });
    await deps.keyStore.makeKey();
    await expectActive(deps, cloud);
    expect(cloud.things.get(THING)?.certificateIds.length).toBe(2);
  },
);

// The certificate had been withdrawn, and the hub asked to be let in by it for ever.
claimTest(
  'a certificate that is refused again and again is given up for another one',
  async ({ deps, cloud, clock }) => {
    const refused = new Array(6).fill(failure('link.refused'));
    cloud.failures = [undefined, undefined, undefined, ...refused];
    await expectActive(deps, cloud);
    expect(clock.slept.length).toBe(6);
    expect(cloud.things.get(THING)?.certificateIds.length).toBe(2);
  },
);

claimTest('a certificate that is refused for a moment is kept', async ({ deps, cloud }) => {
  cloud.failures = [undefined, undefined, undefined, ...new Array(5).fill(failure('link.refused'))];
  await expectActive(deps, cloud);
  expect(cloud.things.get(THING)?.certificateIds.length).toBe(1);
});

// The tag was lifted, and the power went, before the hub was ACTIVE.
claimTest.for(['REGISTERED', 'VERIFIED'] as const)(
  'a hub that is %s comes to its end without its tag',
  async (phase, { deps, cloud }) => {
    await runClaimExchange(deps);
    await deps.keyStore.writeState({ ...(await registeredState(deps)), phase });
    await expectActive({ ...deps, tag: undefined }, cloud);
  },
);

claimTest('a name that is not the one of the hardware id is refused', async ({ deps, cloud }) => {
  cloud.nameOfNextThing = 'inklet-of-somebody-else';
  await expect(runClaimExchange(deps)).rejects.toMatchObject({ code: 'claim.rejected' });
  expect(await deps.keyStore.identity()).toBeUndefined();
});

claimTest('a certificate that does not connect is not ACTIVE until it does', async ({ deps, cloud, clock }) => {
  cloud.failures = [];
  const stop = new AbortController();
  const link: ClaimLink = {
    openClaim: () => cloud.openClaim(),
    verify: async () => {
      if (clock.slept.length === 3) stop.abort(new PowerCut());
      throw failure('link.no-network');
    },
  };
  await expect(runClaimExchange({ ...deps, link, signal: stop.signal })).rejects.toBeInstanceOf(PowerCut);
  expect(await deps.keyStore.readState()).toMatchObject({ phase: 'REGISTERED' });
  expect(await deps.keyStore.identity()).toBeUndefined();
  await expectActive(deps, cloud);
});

claimTest('another tag before the registration begins a new claim with a new key', async ({ deps, cloud }) => {
  cloud.failures = [failure('claim.rejected')];
  const stranger = { ...deps, tag: tagOf(OTHER_HW_ID) };
  await expect(runClaimExchange(stranger)).rejects.toMatchObject({ code: 'claim.rejected' });
  const key = await deps.keyStore.readKey();
  await expectActive(deps, cloud);
  expect(await deps.keyStore.readKey()).not.toBe(key);
});

claimTest('another tag after the registration is refused', async ({ deps, cloud }) => {
  await runClaimExchange(deps);
  const state = await registeredState(deps);
  await deps.keyStore.writeState({ ...state, phase: 'REGISTERED' });
  const stranger = { ...deps, tag: tagOf(OTHER_HW_ID) };
  await expect(runClaimExchange(stranger)).rejects.toMatchObject({ code: 'claim.another-tag' });
  await expectActive(deps, cloud);
});

claimTest('no tag, and a tag that says nothing, are told at once', async ({ deps }) => {
  await expect(runClaimExchange({ ...deps, tag: undefined })).rejects.toMatchObject({ code: 'claim.no-tag' });
  const empty = { payload: '', hwSig: '', tagUid: '' };
  await expect(runClaimExchange({ ...deps, tag: empty })).rejects.toMatchObject({ code: 'tag.malformed' });
});

claimTest('before the clock is set nobody is asked', async ({ deps, cloud, clock }) => {
  clock.nowMs = 0;
  const sleep = clock.sleep;
  clock.sleep = async (ms, signal) => {
    await sleep(ms, signal);
    expect(cloud.asked).toEqual([]);
    if (clock.slept.length === 2) clock.nowMs = Date.UTC(2026, 0, 1);
  };
  await expectActive(deps, cloud);
  expect(clock.slept).toEqual([1000, 2000]);
});

async function registeredState(deps: ClaimExchangeDeps) {
  const state = await deps.keyStore.readState();
  if (!('thingName' in state)) throw failure('store.damaged');
  return state;
}

function depsFor(dir: string, cloud: FakeCloud): ClaimExchangeDeps {
  const log = pino({ level: 'silent' });
  const clock = new FakeClock();
  return { keyStore: new KeyStore({ dir }), link: cloud, tag: tagOf(HW_ID), clock, random: () => 0.5, log };
}
