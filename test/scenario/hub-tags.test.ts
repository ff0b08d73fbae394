import 'reflect-metadata';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PublicKey } from '@peculiar/x509';
import { pino } from 'pino';
import { test as base, expect } from 'vitest';
import { Ntag21x, Ntag424, SimNfcReader } from '../../device-sim/index.js';
import { VirtualClock } from '../../device-sim/virtual-clock.js';
import { Ntag } from '../../hardware/index.js';
import { adviceFor } from '../../hub/api/advice.js';
import { IdentitySource } from '../../hub/identity-source.js';
import { KeyStore, thingNameFor, writeSignedTag } from '../../provisioning/index.js';
import { certify } from '../support/certify.js';

const LOOKS_AGAIN_MS = 2_000;
const PAYLOAD = { keyId: 1, hwId: '00112233445566778899', model: 1, batch: 7 };

const tagOf = (uid: string) => new Ntag21x({ uid: Buffer.from(uid, 'hex') });

/** A hub without an identity before a reader on which anything may lie. */
const test = base
  .extend('dir', async ({ task }, { onCleanup }) => {
    const dir = await mkdtemp(path.join(tmpdir(), `inklet-hub-tags-${task.id}-`));
    onCleanup(() => rm(dir, { recursive: true, force: true }));
    return dir;
  })
  .extend('signer', () => generateKeyPairSync('ed25519').privateKey)
  .extend('reader', () => new SimNfcReader())
  .extend('keyStore', ({ dir }) => new KeyStore({ dir: path.join(dir, 'identity') }))
  .extend('start', async ({ dir, signer, reader, keyStore }, { onCleanup }) => {
    const signerKeysFile = path.join(dir, 'keys.json');
    const { x } = createPublicKey(signer).export({ format: 'jwk' });
    const key = { keyId: 1, publicKey: x, batches: [{ from: 1, to: 10 }], revoked: false };
    await writeFile(signerKeysFile, JSON.stringify({ keys: [key] }));
    const clock = new VirtualClock();
    const source = new IdentitySource({
      keyStore,
      ...{ nfc: reader, signerKeysFile, claimCertFile: undefined, claimKeyFile: undefined },
      iot: { endpoint: '127.0.0.1', port: 1, caPem: '', template: 'inklet-hub' },
      ...{ clock, random: () => 0.5, log: pino({ level: 'silent' }) },
    });
    const stop = new AbortController();
    let obtained: Promise<unknown> | undefined;
    onCleanup(async () => {
      stop.abort();
      await obtained;
    });
    return () => {
      obtained = source.obtain(stop.signal).catch((error: unknown) => error);
      return { source, clock };
    };
  })
  .extend('hub', ({ start }) => start());

test('whoever lets a hub get its identity first hears at once that it cannot', async ({ hub: { source, clock } }) => {
  const beganMs = clock.monotonic();
  await source.untilTroubled(LOOKS_AGAIN_MS, new AbortController().signal);
  expect(source.problem).toMatchObject({ code: 'nfc.no-tag', step: 'read-tag' });
  expect(clock.monotonic()).toBe(beganMs);
});

test('a hub tells what is wrong with whatever lies on its reader, and takes the right tag all the same', async ({
  hub: { source, clock },
  reader,
  signer,
}) => {
  const says = async (state: string, code: string) => {
    await clock.advance(LOOKS_AGAIN_MS);
    await expect.poll(() => source.problem).toMatchObject({ state, code });
    expect(adviceFor(code)).toMatch(/\.$/);
  };
  await says('waiting', 'nfc.no-tag');

  const key = new Uint8Array(16);
  const link = 'https://ink.let/s';
  reader.place(new Ntag424({ uid: Buffer.alloc(7, 4), link, metaKey: key, fileKey: key, random: () => 0 }));
  await says('refused', 'nfc.unsupported-tag');

  reader.place(tagOf('04000000000001'));
  await says('refused', 'tag.no-hw-id');

  const garbage = tagOf('04000000000002');
  garbage.damage(new Uint8Array(144).fill(0x03));
  reader.place(garbage);
  await says('refused', 'ndef.malformed');

  const foreign = tagOf('04000000000003');
  reader.place(foreign);
  const stranger = generateKeyPairSync('ed25519').privateKey;
  await writeSignedTag(reader, { privateKey: stranger, payload: PAYLOAD, url: 'https://ink.let/h', lock: false });
  await says('refused', 'tag.wrong-signature');

  const good = tagOf('04000000000004');
  reader.place(good);
  await writeSignedTag(reader, { privateKey: signer, payload: PAYLOAD, url: 'https://ink.let/h', lock: false });
  // Lifted when half of it has been read.
  reader.faults.says = (apdu) => (apdu[1] === 0xb0 && apdu[3] === 0x10 ? Uint8Array.of() : undefined);
  await says('waiting', 'nfc.no-tag');
  // A reader that is stuck until the tag is laid on anew.
  reader.faults.says = () => Uint8Array.of(0x63, 0x00);
  await says('waiting', 'nfc.read-failed');
  expect(source.hwId).toBeUndefined();

  reader.faults.says = () => undefined;
  await clock.advance(LOOKS_AGAIN_MS);
  await expect.poll(() => source.hwId).toBe(PAYLOAD.hwId);
});

test('a copy of a good tag on another chip is refused as a copy', async ({
  hub: { source, clock },
  reader,
  signer,
}) => {
  const good = tagOf('04000000000005');
  reader.place(good);
  await writeSignedTag(reader, { privateKey: signer, payload: PAYLOAD, url: 'https://ink.let/h', lock: false });
  const records = await new Ntag({ reader }).readNdef();
  reader.place(tagOf('04000000000006'));
  await new Ntag({ reader }).writeNdef(records);
  await clock.advance(LOOKS_AGAIN_MS);
  await expect.poll(() => source.problem).toMatchObject({ state: 'refused', code: 'tag.another-uid' });
  expect(source.hwId).toBeUndefined();
});

/** A hub that has its certificate, and has not tried it yet. */
async function register(keyStore: KeyStore): Promise<void> {
  await keyStore.makeKey();
  const der = createPublicKey(await keyStore.readKey()).export({ type: 'spki', format: 'der' });
  const { certificateId, certPem } = await certify(new PublicKey(der));
  await keyStore.writeCertificate(certificateId, certPem);
  const { hwId, model } = PAYLOAD;
  const hub = { hwId, model, claimNonce: 'a nonce of 22 letters!', thingName: thingNameFor(hwId) };
  await keyStore.writeState({ phase: 'REGISTERED', ...hub, certificateId, deviceConfiguration: {} });
}

// The tag had been lifted, and the power gone, after the hub was registered: it waited for its tag with the cloud in reach.
test('a hub that is registered goes on without its tag', async ({ keyStore, start }) => {
  await register(keyStore);
  const { source } = start();
  await expect.poll(() => source.problem).toMatchObject({ step: 'verify' });
  expect(source.hwId).toBe(PAYLOAD.hwId);
});

test('and the tag of another hub speaks against it', async ({ keyStore, start, reader, signer }) => {
  await register(keyStore);
  reader.place(tagOf('04000000000007'));
  const payload = { ...PAYLOAD, hwId: 'ffffffffffffffffffff' };
  await writeSignedTag(reader, { privateKey: signer, payload, url: 'https://ink.let/h', lock: false });
  const { source } = start();
  await expect.poll(() => source.problem).toMatchObject({ state: 'refused', code: 'claim.another-tag' });
  expect(source.hwId).toBe(PAYLOAD.hwId);
});

// It was tried every two seconds, while the page named a time an hour later.
test('no tag mends a damaged key store, so that it is looked at when it was said', async ({
  dir,
  keyStore,
  start,
  reader,
  signer,
}) => {
  await register(keyStore);
  await writeFile(path.join(dir, 'identity', 'state.json'), '{ "phase": "ACT');
  reader.place(tagOf('04000000000008'));
  await writeSignedTag(reader, { privateKey: signer, payload: PAYLOAD, url: 'https://ink.let/h', lock: false });
  const { source, clock } = start();
  await expect
    .poll(() => source.problem)
    .toMatchObject({ state: 'refused', code: 'store.damaged', step: 'read-store' });
  const first = source.problem;
  let sleeps = 0;
  const sleep = clock.sleep.bind(clock);
  clock.sleep = (ms, signal) => {
    sleeps += 1;
    return sleep(ms, signal);
  };
  const looksOnce = async () => {
    const before = sleeps;
    await clock.advance(LOOKS_AGAIN_MS);
    await expect.poll(() => sleeps).toBeGreaterThan(before);
  };
  for (let looks = 0; looks < 5; looks += 1) await looksOnce();
  expect(source.problem).toBe(first);
  while (clock.now() < (first?.retryAtMs ?? 0)) await looksOnce();
  await expect.poll(() => source.problem).not.toBe(first);
});
