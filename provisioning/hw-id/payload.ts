import { z } from 'zod';
import { ProvisioningError } from '../errors.js';

/** A hardware id in text: 10 random bytes as 20 lower-case hex digits. */
export const HwIdSchema = z.string().regex(/^[0-9a-f]{20}$/, 'not 20 lower-case hex digits');

/** The 7-byte UID of a tag in text: 14 lower-case hex digits. */
export const TagUidSchema = z.string().regex(/^[0-9a-f]{14}$/, 'not 14 lower-case hex digits');

/** What the factory vouches for: whose key signed, which hardware, of which model and batch. */
export const HwIdPayloadSchema = z.object({
  keyId: z.number().int().min(0).max(0xff),
  hwId: HwIdSchema,
  model: z.number().int().min(0).max(0xff),
  batch: z.number().int().min(0).max(0xffff),
});

export type HwIdPayload = z.infer<typeof HwIdPayloadSchema>;

export type DecodedHwIdPayload =
  | { ok: true; payload: HwIdPayload }
  | { ok: false; reason: 'malformed' | 'unknown-version' };

/** Bytes of an encoded payload of version 1. */
export const HW_ID_PAYLOAD_BYTES = 15;

const VERSION = 1;
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const HANDLE_DIGITS = 16;

/**
 * The 15 bytes that are signed and written on the tag: version, key id, ten bytes of hardware id, model, batch (high byte first).
 * @throws ProvisioningError `hw-id.out-of-range`
 */
export function encodeHwIdPayload(payload: HwIdPayload): Uint8Array {
  const { keyId, hwId, model, batch } = inRange(HwIdPayloadSchema, payload);
  return Uint8Array.from([VERSION, keyId, ...Buffer.from(hwId, 'hex'), model, batch >> 8, batch & 0xff]);
}

/** Reads the bytes of {@link encodeHwIdPayload}; says why it cannot. */
export function decodeHwIdPayload(bytes: Uint8Array): DecodedHwIdPayload {
  const [version] = bytes;
  if (version !== undefined && version !== VERSION) return { ok: false, reason: 'unknown-version' };
  if (bytes.length !== HW_ID_PAYLOAD_BYTES) return { ok: false, reason: 'malformed' };
  const view = Buffer.from(bytes);
  return {
    ok: true,
    payload: {
      keyId: view.readUInt8(1),
      hwId: view.toString('hex', 2, 12),
      model: view.readUInt8(12),
      batch: view.readUInt16BE(13),
    },
  };
}

/**
 * The AWS IoT thing name of a hardware id: `inklet-` and the ten bytes in lower-case base32 (RFC 4648 section 6), 16 characters.
 * @throws ProvisioningError `hw-id.out-of-range`
 */
export function thingNameFor(hwId: string): string {
  return `inklet-${publicHandleFor(hwId)}`;
}

/** A public handle: the sixteen base32 letters of a thing name. */
export const PublicHandleSchema = z.string().regex(/^[a-z2-7]{16}$/, 'not 16 letters of base32');

/** What name plates open where nobody says otherwise: short enough for an NTAG213, with a handle behind it. */
export const LANDING_PAGE = 'https://inklet.app/h';

/** Where a phone on a name plate goes; what stands behind # stays out of the logs of web servers. */
export function landingLink(page: string, hwId: string): string {
  return `${page}#${publicHandleFor(hwId)}`;
}

/**
 * By what a name plate calls its hub: the ten bytes in lower-case base32, 16 characters. It names, and proves nothing.
 * @throws ProvisioningError `hw-id.out-of-range`
 */
export function publicHandleFor(hwId: string): string {
  // 80 bits are exactly sixteen digits of five bits, so that the number in base 32 is the RFC's text in other digits.
  const digits = BigInt(`0x${inRange(HwIdSchema, hwId)}`)
    .toString(32)
    .padStart(HANDLE_DIGITS, '0');
  return [...digits].map((digit) => BASE32.charAt(Number.parseInt(digit, 32))).join('');
}

/** Parses what our own code hands in. */
export function inRange<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`.trim());
  throw new ProvisioningError('hw-id.out-of-range', problems.join('; '), { cause: result.error });
}
