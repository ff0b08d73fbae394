import { generateKeyPairSync, type KeyObject, verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeHwIdPayload,
  encodeHwIdPayload,
  type HwIdPayload,
  type SignerKeys,
  SignerKeysSchema,
  signHwId,
  thingNameFor,
  verifyHwId,
} from './index.js';

const PAYLOAD: HwIdPayload = { keyId: 1, hwId: '00112233445566778899', model: 3, batch: 513 };
const UID = '04de5f1eacc040';
const { privateKey, publicKey } = generateKeyPairSync('ed25519');

function allowList(key: KeyObject, change: Partial<SignerKeys['keys'][number]> = {}): SignerKeys {
  const { x } = key.export({ format: 'jwk' });
  return SignerKeysSchema.parse({
    keys: [{ keyId: 1, publicKey: x, batches: [{ from: 1, to: 1000 }], revoked: false, ...change }],
  });
}

const hexOf = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((array) => Buffer.from(array).toString('hex'));
const payloads = fc.record({
  keyId: fc.integer({ min: 0, max: 255 }),
  hwId: hexOf(10),
  model: fc.integer({ min: 0, max: 255 }),
  batch: fc.integer({ min: 0, max: 65_535 }),
});

function flipped(base64url: string, bit: number): string {
  const bytes = Buffer.from(base64url, 'base64url');
  const at = bit % (bytes.length * 8);
  bytes.writeUInt8(bytes.readUInt8(at >> 3) ^ (0x80 >> (at & 7)), at >> 3);
  return bytes.toString('base64url');
}

describe('the payload', () => {
  test('it is version, key, hardware id, model and batch in fifteen bytes', () => {
    expect(Buffer.from(encodeHwIdPayload(PAYLOAD)).toString('hex')).toBe('010100112233445566778899030201');
  });

  test('what is encoded is decoded again', () => {
    fc.assert(
      fc.property(payloads, (payload) => {
        expect(decodeHwIdPayload(encodeHwIdPayload(payload))).toEqual({ ok: true, payload });
      }),
    );
  });

  test.each([
    ['nothing', [], 'malformed'],
    ['fourteen bytes', [1, ...Array<number>(13).fill(0)], 'malformed'],
    ['sixteen bytes', [1, ...Array<number>(15).fill(0)], 'malformed'],
    ['version 2 of another length', [2, 0, 0], 'unknown-version'],
  ])('%s is refused with its reason', (_what, bytes, reason) => {
    expect(decodeHwIdPayload(Uint8Array.from(bytes))).toEqual({ ok: false, reason });
  });

  test.each([
    ['a batch of three bytes', { ...PAYLOAD, batch: 65_536 }],
    ['a hardware id in capitals', { ...PAYLOAD, hwId: 'AABBCCDDEEFF00112233' }],
    ['a negative key id', { ...PAYLOAD, keyId: -1 }],
  ])('%s is not encoded', (_what, payload) => {
    expect(() => encodeHwIdPayload(payload)).toThrow(expect.objectContaining({ code: 'hw-id.out-of-range' }));
  });
});

describe('the thing name', () => {
  // The RFC 4648 section 10 vector "foobar" begins with "fooba" = MZXW6YTB.
  test.each([
    ['666f6f6261666f6f6261', 'inklet-mzxw6ytbmzxw6ytb'],
    ['00000000000000000000', 'inklet-aaaaaaaaaaaaaaaa'],
    ['ffffffffffffffffffff', 'inklet-7777777777777777'],
  ])('the hardware id %s is called %s', (hwId, name) => {
    expect(thingNameFor(hwId)).toBe(name);
  });

  test('a short hardware id has no name', () => {
    expect(() => thingNameFor('00')).toThrow(expect.objectContaining({ code: 'hw-id.out-of-range' }));
  });
});

describe('the signature', () => {
  test('what is signed is the domain, the payload and the UID', () => {
    const text = Buffer.concat([
      Buffer.from('inklet-hwid-v1\0'),
      Buffer.from('010100112233445566778899030201', 'hex'),
      Buffer.from(UID, 'hex'),
    ]);
    const { hwSig, payload } = proofOf(privateKey);
    expect(payload).toBe('AQEAESIzRFVmd4iZAwIB');
    expect(verify(null, text, publicKey, Buffer.from(hwSig, 'base64url'))).toBe(true);
  });

  test('what the factory signed is accepted with what it says', () => {
    fc.assert(
      fc.property(payloads, hexOf(7), (payload, tagUid) => {
        const keys = allowList(publicKey, { keyId: payload.keyId, batches: [{ from: 0, to: 65_535 }] });
        expect(verifyHwId(signHwId({ payload, tagUid, privateKey }), keys)).toEqual({ ok: true, ...payload });
      }),
      { numRuns: 50 },
    );
  });

  test('every flipped bit is refused', () => {
    const keys = allowList(publicKey, { batches: [{ from: 0, to: 65_535 }] });
    const proof = proofOf(privateKey);
    const lengths = { payload: 15 * 8, hwSig: 64 * 8 };
    for (const field of ['payload', 'hwSig'] as const) {
      for (let bit = 0; bit < lengths[field]; bit += 1) {
        expect(verifyHwId({ ...proof, [field]: flipped(proof[field], bit) }, keys).ok).toBe(false);
      }
    }
    for (let bit = 0; bit < 56; bit += 1) {
      const uid = Buffer.from(flipped(Buffer.from(UID, 'hex').toString('base64url'), bit), 'base64url').toString('hex');
      expect(verifyHwId({ ...proof, tagUid: uid }, keys)).toEqual({ ok: false, reason: 'wrong-signature' });
    }
  });

  test.each([
    ['a key that nobody knows', allowList(publicKey, { keyId: 2 }), 'unknown-key'],
    ['a revoked key', allowList(publicKey, { revoked: true }), 'revoked-key'],
    ['a batch below the range', allowList(publicKey, { batches: [{ from: 514, to: 600 }] }), 'batch-out-of-range'],
    ['a batch above the range', allowList(publicKey, { batches: [{ from: 1, to: 512 }] }), 'batch-out-of-range'],
    ['another key', allowList(generateKeyPairSync('ed25519').publicKey), 'wrong-signature'],
  ])('%s is refused with its reason', (_what, keys, reason) => {
    expect(verifyHwId(proofOf(privateKey), keys)).toEqual({ ok: false, reason });
  });

  test('both ends of a batch range belong to it', () => {
    for (const batches of [[{ from: 513, to: 600 }], [{ from: 1, to: 513 }]]) {
      expect(verifyHwId(proofOf(privateKey), allowList(publicKey, { batches })).ok).toBe(true);
    }
  });

  test.each([
    ['padding', { payload: `${proofOf(privateKey).payload}=` }],
    ['a short signature', { hwSig: 'AAAA' }],
    ['a UID in capitals', { tagUid: '04DE5F1EACC040' }],
    ['an empty UID', { tagUid: '' }],
  ])('%s is malformed', (_what, change) => {
    expect(verifyHwId({ ...proofOf(privateKey), ...change }, allowList(publicKey))).toEqual({
      ok: false,
      reason: 'malformed',
    });
  });

  test('a signature written in a second way is malformed', () => {
    const { hwSig } = proofOf(privateKey);
    const last = hwSig.slice(-1);
    const other = { A: 'B', Q: 'R', g: 'h', w: 'x' }[last] ?? '';
    expect(other).not.toBe('');
    expect(verifyHwId({ ...proofOf(privateKey), hwSig: hwSig.slice(0, -1) + other }, allowList(publicKey))).toEqual({
      ok: false,
      reason: 'malformed',
    });
  });

  test('any text at all is answered, never thrown at', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (payload, hwSig, tagUid) => {
        expect(verifyHwId({ payload, hwSig, tagUid }, allowList(publicKey)).ok).toBe(false);
      }),
    );
  });
});

describe('the allow list', () => {
  const key = { keyId: 1, publicKey: Buffer.alloc(32).toString('base64url'), batches: [], revoked: false };

  test.each([
    ['a key id that stands twice', { keys: [key, key] }, 'a keyId stands twice'],
    ['a public key of 31 bytes', { keys: [{ ...key, publicKey: 'AA' }] }, 'not 32 bytes in base64url'],
    ['a range that runs backwards', { keys: [{ ...key, batches: [{ from: 2, to: 1 }] }] }, 'from is above to'],
  ])('%s is refused', (_what, list, reason) => {
    expect(SignerKeysSchema.safeParse(list).error?.issues[0]?.message).toBe(reason);
  });
});

function proofOf(key: KeyObject) {
  return signHwId({ payload: PAYLOAD, tagUid: UID, privateKey: key });
}
