import { createPrivateKey } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { KeyStore } from './key-store.js';
import type { ProvisioningState } from './state.js';

const CERTIFICATE_ID = 'ab'.repeat(32);
const HARDWARE = { hwId: '00112233445566778899', model: 1, claimNonce: 'a nonce of 22 letters!' };
const ACTIVE: ProvisioningState = {
  phase: 'ACTIVE',
  ...HARDWARE,
  certificateId: CERTIFICATE_ID,
  thingName: 'inklet-aaaaaaaaaaaaaaaa',
  deviceConfiguration: { topicPrefix: 'inklet/dev' },
};

const storeTest = test
  .extend('prefix', path.join(tmpdir(), 'inklet-keys-'))
  .extend('parent', async ({ prefix }, { onCleanup }) => {
    const parent = await mkdtemp(prefix);
    onCleanup(() => rm(parent, { recursive: true, force: true }));
    return parent;
  })
  .extend('dir', ({ parent }) => path.join(parent, 'identity'))
  .extend('keyStore', ({ dir }) => new KeyStore({ dir }));

storeTest('a folder that is not there is a hub that has not begun', async ({ keyStore }) => {
  expect(await keyStore.readState()).toEqual({ phase: 'UNPROVISIONED' });
  expect(await keyStore.identity()).toBeUndefined();
});

storeTest('an identity is there when the state is ACTIVE, and not before', async ({ keyStore }) => {
  await keyStore.makeKey();
  await keyStore.writeCertificate(CERTIFICATE_ID, 'a certificate');
  await keyStore.writeState({ ...ACTIVE, phase: 'VERIFIED' });
  expect(await keyStore.identity()).toBeUndefined();
  await keyStore.writeState(ACTIVE);
  const { phase: _phase, claimNonce: _nonce, ...identity } = ACTIVE;
  expect(await keyStore.identity()).toEqual({
    ...identity,
    certPem: 'a certificate',
    keyPem: await keyStore.readKey(),
  });
});

storeTest('the key is P-256 in PKCS#8, and each new one is another', async ({ keyStore }) => {
  await keyStore.makeKey();
  const first = await keyStore.readKey();
  expect(first).toMatch(/^-----BEGIN PRIVATE KEY-----/);
  expect(createPrivateKey(first).asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
  await keyStore.makeKey();
  expect(await keyStore.readKey()).not.toBe(first);
});

storeTest('nobody but the owner can read what is kept, whatever the umask says', async ({ keyStore, dir }) => {
  await keyStore.makeKey();
  await keyStore.writeCertificate(CERTIFICATE_ID, 'a certificate');
  await keyStore.writeState(ACTIVE);
  expect((await stat(dir)).mode & 0o777).toBe(0o700);
  const files = await readdir(dir);
  expect(files.sort()).toEqual([`certificate-${CERTIFICATE_ID}.pem`, 'device-key.pem', 'state.json']);
  for (const file of files) expect((await stat(path.join(dir, file))).mode & 0o777).toBe(0o600);
});

storeTest('folders that are missing above it are made as well, for nobody else', async ({ parent }) => {
  const dir = path.join(parent, 'data', 'hub', 'identity');
  await new KeyStore({ dir }).writeState(ACTIVE);
  expect(await new KeyStore({ dir }).readState()).toEqual(ACTIVE);
  for (const folder of ['data', 'data/hub', 'data/hub/identity']) {
    expect((await stat(path.join(parent, folder))).mode & 0o777).toBe(0o700);
  }
});

storeTest('half a file that a kill left behind is neither read nor in the way', async ({ keyStore, dir }) => {
  await keyStore.writeState(ACTIVE);
  await writeFile(path.join(dir, 'state.json.new'), '{"phase":', { mode: 0o644 });
  expect(await keyStore.readState()).toEqual(ACTIVE);
  await keyStore.writeState({ ...ACTIVE, phase: 'VERIFIED' });
  expect(await readdir(dir)).toEqual(['state.json']);
  expect((await stat(path.join(dir, 'state.json'))).mode & 0o777).toBe(0o600);
});

storeTest('a certificate that was removed is gone, and removing it again is no error', async ({ keyStore, dir }) => {
  await keyStore.writeCertificate(CERTIFICATE_ID, 'a certificate');
  await keyStore.removeCertificate(CERTIFICATE_ID);
  await keyStore.removeCertificate(CERTIFICATE_ID);
  expect(await readdir(dir)).toEqual([]);
});

storeTest.for([
  ['empty', ''],
  ['half written', '{"phase":"ACTIVE"'],
  ['of a phase that nobody knows', '{"phase":"RETIRED"}'],
  ['without what its phase needs', '{"phase":"ACTIVE"}'],
] as const)('a state file that is %s is a typed error', async ([, text], { keyStore, dir }) => {
  await keyStore.writeState(ACTIVE);
  await writeFile(path.join(dir, 'state.json'), text);
  await expect(keyStore.readState()).rejects.toMatchObject({ code: 'store.damaged' });
});

storeTest('an ACTIVE hub without its key or with a broken one is a typed error', async ({ keyStore, dir }) => {
  await keyStore.writeCertificate(CERTIFICATE_ID, 'a certificate');
  await keyStore.writeState(ACTIVE);
  await expect(keyStore.identity()).rejects.toMatchObject({ code: 'store.damaged' });
  await writeFile(path.join(dir, 'device-key.pem'), 'no key');
  await expect(keyStore.identity()).rejects.toMatchObject({ code: 'store.damaged' });
});

storeTest('the state is text that a technician can read', async ({ keyStore, dir }) => {
  await keyStore.writeState(ACTIVE);
  expect(await readFile(path.join(dir, 'state.json'), 'utf8')).toContain('"phase": "ACTIVE"');
});

const NEXT_ID = 'cd'.repeat(32);

storeTest.for([
  ['NEXT_CERT_ISSUED', CERTIFICATE_ID],
  ['NEXT_REGISTERED', CERTIFICATE_ID],
  ['NEXT_VERIFIED', NEXT_ID],
] as const)('of two pairs at %s, the one that should be used is the identity', async ([stage, used], { keyStore }) => {
  await keyStore.makeKey();
  await keyStore.writeCertificate(CERTIFICATE_ID, 'a certificate');
  const keyFile = await keyStore.makeNextKey();
  await keyStore.writeCertificate(NEXT_ID, 'the next certificate');
  const next = { reason: 'age', keyFile, certificateId: NEXT_ID } as const;
  const rotation =
    stage === 'NEXT_CERT_ISSUED' ? { ...next, stage, token: 'a token', tokenUntilMs: 0 } : { ...next, stage };
  await keyStore.writeState({ ...ACTIVE, rotation });
  const pairs = await keyStore.pairs();
  expect(pairs).toMatchObject({ current: { certificateId: CERTIFICATE_ID }, next: { certificateId: NEXT_ID }, stage });
  expect(pairs.current?.keyPem).toBe(await keyStore.readKey());
  expect(pairs.next?.keyPem).toBe(await keyStore.readKey(keyFile));
  expect((await keyStore.identity())?.certificateId).toBe(used);
});

storeTest('a next pair that cannot be read counts as none', async ({ keyStore }) => {
  await keyStore.makeKey();
  await keyStore.writeCertificate(CERTIFICATE_ID, 'a certificate');
  const keyFile = 'device-key-0123456789abcdef.pem';
  const rotation = { stage: 'NEXT_VERIFIED', reason: 'age', keyFile, certificateId: NEXT_ID } as const;
  await keyStore.writeState({ ...ACTIVE, rotation });
  expect((await keyStore.identity())?.certificateId).toBe(CERTIFICATE_ID);
});

storeTest('a sweep removes what the state does not name, and nothing that is not ours', async ({ keyStore, dir }) => {
  await keyStore.makeKey();
  const keyFile = await keyStore.makeNextKey();
  const leftover = await keyStore.makeNextKey();
  for (const id of [CERTIFICATE_ID, NEXT_ID]) await keyStore.writeCertificate(id, 'a certificate');
  await writeFile(path.join(dir, 'note.txt'), 'of a technician');
  await writeFile(path.join(dir, 'state.json.new'), '{');
  expect(await keyStore.sweep()).toEqual([]);
  await keyStore.writeState({ ...ACTIVE, rotation: { stage: 'NEXT_KEY_MADE', reason: 'age', keyFile } });
  await writeFile(path.join(dir, 'device-key.pem.new'), 'half a k');
  const gone = [`certificate-${NEXT_ID}.pem`, leftover, 'device-key.pem.new'];
  expect((await keyStore.sweep()).sort()).toEqual(gone.sort());
  const kept = [`certificate-${CERTIFICATE_ID}.pem`, 'device-key.pem', keyFile, 'note.txt', 'state.json'];
  expect((await readdir(dir)).sort()).toEqual(kept.sort());
});

storeTest('a state that names a file outside the folder is a typed error', async ({ keyStore, dir }) => {
  await keyStore.writeState(ACTIVE);
  await writeFile(path.join(dir, 'state.json'), JSON.stringify({ ...ACTIVE, keyFile: '../../etc/passwd' }));
  await expect(keyStore.identity()).rejects.toMatchObject({ code: 'store.damaged' });
});
