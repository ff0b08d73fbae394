import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { ProvisioningError } from '../../errors.js';
import type { SignerKeys } from '../../hw-id/index.js';

/** A key that may sign the tags of a batch, and the number under which the allow list has it. */
export type Signer = { privateKey: KeyObject; keyId: number };

const PublicJwkSchema = z.object({ x: z.string() });

/** The public half of an Ed25519 key as an allow list names it. */
export function publicHalf(privateKey: KeyObject): string {
  return PublicJwkSchema.parse(createPublicKey(privateKey).export({ format: 'jwk' })).x;
}

/**
 * Finds a signing key in an allow list: what nobody would take is not worth signing.
 * @throws ProvisioningError `tag.unknown-key`, `tag.revoked-key`, `work-order.unknown-key`, `work-order.revoked-key`
 */
export function listedKey<T extends { keyId: number; publicKey: string; revoked: boolean }>(
  privateKey: KeyObject,
  keys: readonly T[],
  area: 'tag' | 'work-order',
): T {
  const publicKey = publicHalf(privateKey);
  const key = keys.find((candidate) => candidate.publicKey === publicKey);
  if (key === undefined) throw new ProvisioningError(`${area}.unknown-key`, 'the allow list has not the signing key');
  if (key.revoked) throw new ProvisioningError(`${area}.revoked-key`, `the signing key ${key.keyId} is revoked`);
  return key;
}

/**
 * The signer of the tags of a batch.
 * @throws ProvisioningError `tag.unknown-key`, `tag.revoked-key`, `tag.batch-out-of-range`
 */
export function signerFor(privateKey: KeyObject, { keys }: SignerKeys, batch: number): Signer {
  const { keyId, batches } = listedKey(privateKey, keys, 'tag');
  if (!batches.some(({ from, to }) => from <= batch && batch <= to)) {
    throw new ProvisioningError('tag.batch-out-of-range', `the signing key ${keyId} may not sign batch ${batch}`);
  }
  return { privateKey, keyId };
}
