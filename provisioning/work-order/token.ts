import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';
import { fromBase64Url } from '../hw-id/signature.js';
import { decodeWorkOrder, encodeWorkOrder, type WorkOrder, type WorkOrderAction } from './work-order.js';

const PUBLIC_KEY_BYTES = 32;

/** The allow list of the keys that sign work orders: the file that the cloud and the technician's tool are given. */
export const WorkOrderKeysSchema = z.object({
  keys: z
    .array(
      z.object({
        keyId: z.number().int().min(0).max(0xff),
        publicKey: z
          .string()
          .refine((text) => fromBase64Url(text)?.length === PUBLIC_KEY_BYTES, 'not 32 bytes in base64url'),
        revoked: z.boolean(),
      }),
    )
    .refine((keys) => new Set(keys.map(({ keyId }) => keyId)).size === keys.length, 'a keyId stands twice'),
});

export type WorkOrderKeys = z.infer<typeof WorkOrderKeysSchema>;

/** Why a work order, or what is asked by it, is refused. */
export type WorkOrderRefusal =
  /** It is no work order, or one that no build of ours would sign. */
  | 'malformed'
  /** It names a key that is not in the allow list. */
  | 'unknown-key'
  /** The key that signed it is revoked. */
  | 'revoked-key'
  /** The signature is not the named key's. */
  | 'wrong-signature'
  /** Its day is over. */
  | 'expired'
  /** Its day has not begun. */
  | 'not-yet-valid'
  /** It was issued to another technician. */
  | 'another-technician'
  /** It does not allow this kind of work. */
  | 'not-allowed'
  /** It does not list this hardware, nor its batch. */
  | 'not-listed';

export type WorkOrderVerdict = { ok: true; order: WorkOrder } | { ok: false; reason: WorkOrderRefusal };

/** What a technician wants to do: to which hardware, where one is meant, and of which batch, where that is known. */
export type WorkOrderTask = {
  action: WorkOrderAction;
  hwId?: string | undefined;
  batch?: number | undefined;
};

const PREFIX = 'inklet-wo1';
const DOMAIN = Buffer.from('inklet-work-order-v1\0', 'latin1');
const SIGNATURE_BYTES = 64;
/** Longer than any that we sign, and shorter than what Node takes of HTTP headers. */
const MAX_TOKEN_CHARACTERS = 14_000;
/** Clocks of laptops in the field go wrong by so much. */
const EARLY_MS = 5 * 60 * 1000;

/**
 * Signs a work order by an Ed25519 private key: one line of text, safe in an HTTP header.
 * @throws ProvisioningError `work-order.invalid`
 */
export function issueWorkOrder(order: WorkOrder, privateKey: KeyObject): string {
  const bytes = encodeWorkOrder(order);
  const signature = sign(null, signedText(bytes), privateKey);
  return [PREFIX, Buffer.from(bytes).toString('base64url'), signature.toString('base64url')].join('.');
}

/** Tells whether a key of the allow list signed this work order, whether today is its day, and whether it is this technician's. */
export function verifyWorkOrder(
  token: string,
  { keys }: WorkOrderKeys,
  { nowMs, technician }: { nowMs: number; technician?: string | undefined },
): WorkOrderVerdict {
  const parts = takenApart(token);
  if (parts === undefined) return { ok: false, reason: 'malformed' };
  const { bytes, signature, order } = parts;
  const key = keys.find(({ keyId }) => keyId === order.keyId);
  if (key === undefined) return { ok: false, reason: 'unknown-key' };
  if (key.revoked) return { ok: false, reason: 'revoked-key' };
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key.publicKey }, format: 'jwk' });
  if (!verify(null, signedText(bytes), publicKey, signature)) return { ok: false, reason: 'wrong-signature' };
  if (nowMs >= Date.parse(order.expiresAt)) return { ok: false, reason: 'expired' };
  if (nowMs < Date.parse(order.issuedAt) - EARLY_MS) return { ok: false, reason: 'not-yet-valid' };
  if (technician !== undefined && technician !== order.technician) return { ok: false, reason: 'another-technician' };
  return { ok: true, order };
}

/** What a work order says, whoever signed it and whenever it was good; undefined for anything else. */
export function readWorkOrder(token: string): WorkOrder | undefined {
  return takenApart(token)?.order;
}

/** Why a verified work order does not cover a task; undefined where it does. */
export function workOrderRefusal(
  order: WorkOrder,
  { action, hwId, batch }: WorkOrderTask,
): WorkOrderRefusal | undefined {
  if (!order.may.includes(action)) return 'not-allowed';
  const isListed = hwId !== undefined && order.hwIds.includes(hwId);
  const inBatch = batch !== undefined && order.batches.some(({ from, to }) => from <= batch && batch <= to);
  return isListed || inBatch ? undefined : 'not-listed';
}

function takenApart(token: string): { bytes: Uint8Array; signature: Uint8Array; order: WorkOrder } | undefined {
  if (token.length > MAX_TOKEN_CHARACTERS) return undefined;
  const [prefix, payload = '', signed = '', ...rest] = token.split('.');
  if (prefix !== PREFIX || rest.length > 0) return undefined;
  const bytes = fromBase64Url(payload);
  const signature = fromBase64Url(signed);
  if (bytes === undefined || signature?.length !== SIGNATURE_BYTES) return undefined;
  const order = decodeWorkOrder(bytes);
  return order && { bytes, signature, order };
}

function signedText(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([DOMAIN, bytes]);
}
