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
 * Finds a signing key in the allow list: a tag that no hub would take is not worth writing.
 * @throws ProvisioningError `tag.unknown-key`, `tag.revoked-key`, `tag.batch-out-of-range`
 */
export function signerFor(privateKey: KeyObject, { keys }: SignerKeys, batch: number): Signer {
  const publicKey = publicHalf(privateKey);
  const key = keys.find((candidate) => candidate.publicKey === publicKey);
  if (key === undefined) throw new ProvisioningError('tag.unknown-key', 'the allow list has not the signing key');
  const { keyId } = key;
  if (key.revoked) throw new ProvisioningError('tag.revoked-key', `the signing key ${keyId} is revoked`);
  if (!key.batches.some(({ from, to }) => from <= batch && batch <= to)) {
    throw new ProvisioningError('tag.batch-out-of-range', `the signing key ${keyId} may not sign batch ${batch}`);
  }
  return { privateKey, keyId };
}
