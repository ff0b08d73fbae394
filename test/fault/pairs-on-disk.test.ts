import 'reflect-metadata';
import { createPublicKey } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PublicKey } from '@peculiar/x509';
import { test as base, expect } from 'vitest';
import { KeyStore } from '../../provisioning/index.js';
import { certify } from '../support/certify.js';
import { usablePairs } from './pairs-on-disk.js';

const HUB = {
  phase: 'ACTIVE',
  hwId: '00112233445566778899',
  model: 1,
  claimNonce: 'a nonce of 22 letters!',
  thingName: 'inklet-aaaaaaaaaaaaaaaa',
  deviceConfiguration: {},
} as const;

const test = base.extend('identityDir', async ({ task: _task }, { onCleanup }) => {
  const dir = await mkdtemp(path.join(tmpdir(), 'inklet-pairs-'));
  onCleanup(() => rm(dir, { recursive: true, force: true }));
  return dir;
});

async function certifyKey(keyStore: KeyStore, keyFile?: string): Promise<string> {
  const spki = createPublicKey(await keyStore.readKey(keyFile)).export({ type: 'spki', format: 'der' });
  const { certificateId, certPem } = await certify(new PublicKey(new Uint8Array(spki)));
  await keyStore.writeCertificate(certificateId, certPem);
  return certificateId;
}

test('a pair counts when a start would go by it, and not for lying there', async ({ identityDir }) => {
  const keyStore = new KeyStore({ dir: identityDir });
  await keyStore.makeKey();
  const certificateId = await certifyKey(keyStore);
  const keyFile = await keyStore.makeNextKey();
  const nextId = await certifyKey(keyStore, keyFile);
  const ids = () => usablePairs({ identityDir }).map((pair) => pair.certificateId);
  expect(ids()).toEqual([]);
  await keyStore.writeState({ ...HUB, certificateId });
  expect(ids()).toEqual([certificateId]);
  const rotation = { reason: 'job', keyFile, certificateId: nextId } as const;
  await keyStore.writeState({ ...HUB, certificateId, rotation: { ...rotation, stage: 'NEXT_REGISTERED' } });
  expect(ids()).toEqual([certificateId]);
  await keyStore.writeState({ ...HUB, certificateId, rotation: { ...rotation, stage: 'NEXT_VERIFIED' } });
  expect(ids()).toEqual([certificateId, nextId]);
  await keyStore.removeCertificate(certificateId);
  expect(ids()).toEqual([nextId]);
});
