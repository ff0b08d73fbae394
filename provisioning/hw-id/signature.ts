import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';
import { decodeHwIdPayload, encodeHwIdPayload, type HwIdPayload, inRange, TagUidSchema } from './payload.js';

/** What a tag proves, in the text forms of RegisterThing's parameters: payload and signature base64url, UID hex. */
export interface HwIdProof {
  readonly payload: string;
  readonly hwSig: string;
  readonly tagUid: string;
}

const BatchRangeSchema = z
  .object({ from: z.number().int().min(0).max(0xffff), to: z.number().int().min(0).max(0xffff) })
  .refine(({ from, to }) => from <= to, 'from is above to');

const SignerKeySchema = z.object({
  keyId: z.number().int().min(0).max(0xff),
  publicKey: z.string().refine((text) => fromBase64Url(text)?.length === PUBLIC_KEY_BYTES, 'not 32 bytes in base64url'),
  batches: z.array(BatchRangeSchema).describe('the batches that this key may sign; both ends belong to a range'),
  revoked: z.boolean(),
});

/** The allow list of signing keys: the file that INKLET_SIGNER_KEYS_FILE names. */
export const SignerKeysSchema = z.object({
  keys: z
    .array(SignerKeySchema)
    .refine((keys) => new Set(keys.map((key) => key.keyId)).size === keys.length, 'a keyId stands twice'),
});

export type SignerKeys = z.infer<typeof SignerKeysSchema>;

/** Why a proof is refused; `wrong-signature` is also what the tag of another UID gets. */
export type HwIdRefusal =
  | 'malformed'
  | 'unknown-version'
  | 'unknown-key'
  | 'revoked-key'
  | 'batch-out-of-range'
  | 'wrong-signature';

export type HwIdVerdict =
  | { ok: true; hwId: string; model: number; batch: number; keyId: number }
  | { ok: false; reason: HwIdRefusal };

const PUBLIC_KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const DOMAIN = Buffer.from('inklet-hwid-v1\0', 'latin1');

/**
 * Signs a payload for the tag that carries this UID, by an Ed25519 private key.
 * @throws ProvisioningError `hw-id.out-of-range`
 */
export function signHwId({
  payload,
  tagUid,
  privateKey,
}: {
  payload: HwIdPayload;
  tagUid: string;
  privateKey: KeyObject;
}): HwIdProof {
  const bytes = encodeHwIdPayload(payload);
  const uid = Buffer.from(inRange(TagUidSchema, tagUid), 'hex');
  return {
    payload: Buffer.from(bytes).toString('base64url'),
    hwSig: sign(null, signedText(bytes, uid), privateKey).toString('base64url'),
    tagUid,
  };
}

/** Tells whether a key of the allow list signed this payload for this tag. */
export function verifyHwId(proof: HwIdProof, { keys }: SignerKeys): HwIdVerdict {
  const bytes = fromBase64Url(proof.payload);
  const signature = fromBase64Url(proof.hwSig);
  const uid = TagUidSchema.safeParse(proof.tagUid);
  if (bytes === undefined || signature?.length !== SIGNATURE_BYTES || !uid.success) {
    return { ok: false, reason: 'malformed' };
  }
  const decoded = decodeHwIdPayload(bytes);
  if (!decoded.ok) return decoded;
  const { keyId, hwId, model, batch } = decoded.payload;
  const key = keys.find((candidate) => candidate.keyId === keyId);
  if (key === undefined) return { ok: false, reason: 'unknown-key' };
  if (key.revoked) return { ok: false, reason: 'revoked-key' };
  if (!key.batches.some(({ from, to }) => from <= batch && batch <= to)) {
    return { ok: false, reason: 'batch-out-of-range' };
  }
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key.publicKey }, format: 'jwk' });
  if (!verify(null, signedText(bytes, Buffer.from(uid.data, 'hex')), publicKey, signature)) {
    return { ok: false, reason: 'wrong-signature' };
  }
  return { ok: true, hwId, model, batch, keyId };
}

/** The UID is signed but not stored, so that a copy on another tag does not verify. */
function signedText(payload: Uint8Array, tagUid: Uint8Array): Uint8Array {
  return Buffer.concat([DOMAIN, payload, tagUid]);
}

/** Only the one canonical text of some bytes is taken, so that no two texts are the same proof. */
export function fromBase64Url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}
