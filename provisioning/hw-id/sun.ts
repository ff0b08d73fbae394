import { createDecipheriv, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { aesCmac, diversifiedKey } from './aes-cmac.js';

/** What an NTAG 424 DNA puts into its link anew at each read: secure unique NFC. In hex. */
const SunSchema = z.object({
  /** UID and counter, encrypted. */
  piccData: z.string().regex(/^[0-9a-f]{32}$/i),
  /** Every other byte of the MAC over nothing but UID and counter. */
  cmac: z.string().regex(/^[0-9a-f]{16}$/i),
});
export type Sun = z.infer<typeof SunSchema>;

/** AES-128 keys of 16 bytes each; they stay in the backend. */
export interface SunKeys {
  /** Encrypts UID and counter, and is the same for all tags: by it the UID is found. */
  readonly metaKey: Uint8Array;
  /** The key of the file with the link, of one tag. */
  readonly fileKeyOf: (tagUid: string) => Uint8Array;
}

const Aes128KeySchema = z.string().regex(/^[0-9a-f]{32}$/i, 'not 32 hex digits');

/** The file that INKLET_SUN_KEYS_FILE names: the meta key, and the master key of which each tag's file key is made. */
export const SunKeyFileSchema = z.object({ metaKey: Aes128KeySchema, masterKey: Aes128KeySchema });

/** Keeps our file keys apart from those that others make of the same master key. */
const SYSTEM = Buffer.from('inklet');

/** The keys of a file, as `verifySun` takes them. */
export function sunKeysOf({ metaKey, masterKey }: z.infer<typeof SunKeyFileSchema>): SunKeys {
  const master = Buffer.from(masterKey, 'hex');
  return {
    metaKey: Buffer.from(metaKey, 'hex'),
    fileKeyOf: (tagUid) => diversifiedKey(master, tagUid, SYSTEM),
  };
}

export type SunRefusal =
  /** It is no SUN of ours: not the length, or not encrypted by this key. */
  | 'sun.malformed'
  /** The MAC is not that tag's. */
  | 'sun.wrong-mac'
  /** The tag has counted further than this already: somebody shows an old read again. */
  | 'sun.replayed';

export type SunVerdict = { ok: true; tagUid: string; counter: number } | { ok: false; reason: SunRefusal };

// NXP AN12196: the first byte of PICCData says that UID (of seven bytes) and counter follow.
const HAS_UID_AND_COUNTER = 0xc7;
const UID_BYTES = 7;
const COUNTER_BYTES = 3;
const SESSION_MAC_PREFIX = Uint8Array.of(0x3c, 0xc3, 0x00, 0x01, 0x00, 0x80);

/**
 * Whether this very tag was read just now, for the first time. `lastCounterOf` gives the counter of the last read that was
 * taken from the tag; whoever takes this one stores its counter in the same transaction.
 */
export function verifySun(
  sun: unknown,
  keys: SunKeys,
  lastCounterOf: (tagUid: string) => number | undefined,
): SunVerdict {
  const parsed = SunSchema.safeParse(sun);
  if (!parsed.success) return { ok: false, reason: 'sun.malformed' };
  const plain = decrypted(keys.metaKey, Buffer.from(parsed.data.piccData, 'hex'));
  if (plain[0] !== HAS_UID_AND_COUNTER) return { ok: false, reason: 'sun.malformed' };
  const uid = plain.subarray(1, 1 + UID_BYTES);
  const counterBytes = plain.subarray(1 + UID_BYTES, 1 + UID_BYTES + COUNTER_BYTES);
  const tagUid = uid.toString('hex');
  const expected = sunMac(keys.fileKeyOf(tagUid), uid, counterBytes);
  if (!timingSafeEqual(expected, Buffer.from(parsed.data.cmac, 'hex'))) return { ok: false, reason: 'sun.wrong-mac' };
  const counter = counterBytes.readUIntLE(0, COUNTER_BYTES);
  const last = lastCounterOf(tagUid);
  return last !== undefined && counter <= last ? { ok: false, reason: 'sun.replayed' } : { ok: true, tagUid, counter };
}

/** The SUN in the link of a tag; undefined where there is none. */
export function sunIn(link: string): Sun | undefined {
  const searchParams = URL.canParse(link) ? new URL(link).searchParams : undefined;
  const parsed = SunSchema.safeParse({ piccData: searchParams?.get('picc_data'), cmac: searchParams?.get('cmac') });
  return parsed.success ? parsed.data : undefined;
}

/** The eight bytes of the MAC that a tag shows, over an empty piece of its file; the counter with its low byte first. */
export function sunMac(fileKey: Uint8Array, uid: Uint8Array, counter: Uint8Array): Uint8Array {
  const sessionKey = aesCmac(fileKey, Buffer.concat([SESSION_MAC_PREFIX, uid, counter]));
  return aesCmac(sessionKey, Uint8Array.of()).filter((_, at) => at % 2 === 1);
}

function decrypted(key: Uint8Array, block: Uint8Array): Buffer {
  return createDecipheriv('aes-128-cbc', key, new Uint8Array(16)).setAutoPadding(false).update(block);
}
