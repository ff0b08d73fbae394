import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { signHwId } from '../hw-id/index.js';
import {
  issueWorkOrder,
  readWorkOrder,
  verifyWorkOrder,
  type WorkOrder,
  type WorkOrderKeys,
  WorkOrderKeysSchema,
  workOrderRefusal,
} from './index.js';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const HW_ID = '00112233445566778899';
const NOW = Date.parse('2026-03-01T10:00:00.000Z');
const ORDER: WorkOrder = {
  v: 1,
  id: randomUUID(),
  keyId: 3,
  technician: 'Ada',
  issuedAt: '2026-03-01T07:00:00.000Z',
  expiresAt: '2026-03-01T19:00:00.000Z',
  hwIds: [HW_ID, 'ffffffffffffffffffff'],
  batches: [{ from: 7, to: 9 }],
  may: ['provision', 'diagnose'],
};
const KEYS = allowList(publicKey);

function allowList(key: KeyObject, change: Partial<WorkOrderKeys['keys'][number]> = {}): WorkOrderKeys {
  const { x } = key.export({ format: 'jwk' });
  return WorkOrderKeysSchema.parse({ keys: [{ keyId: 3, publicKey: x, revoked: false, ...change }] });
}

test('what was issued is verified, and read without a key', () => {
  const token = issueWorkOrder(ORDER, privateKey);
  expect(verifyWorkOrder(token, KEYS, { nowMs: NOW, technician: 'Ada' })).toEqual({ ok: true, order: ORDER });
  expect(readWorkOrder(token)).toEqual(ORDER);
});

test('one of five hundred pieces of hardware fits into the headers that Node takes', () => {
  const hwIds = Array.from({ length: 500 }, (_, at) => at.toString(16).padStart(20, 'f'));
  const token = issueWorkOrder({ ...ORDER, hwIds }, privateKey);
  expect(token.length).toBeLessThan(10_000);
  expect(verifyWorkOrder(token, KEYS, { nowMs: NOW })).toMatchObject({ ok: true, order: { hwIds } });
});

test.each<[string, WorkOrderKeys, { nowMs?: number; technician?: string }, string]>([
  ['of a key that is not listed', allowList(publicKey, { keyId: 4 }), {}, 'unknown-key'],
  ['of a revoked key', allowList(publicKey, { revoked: true }), {}, 'revoked-key'],
  ['of another key with this number', allowList(generateKeyPairSync('ed25519').publicKey), {}, 'wrong-signature'],
  ['whose day ends now', KEYS, { nowMs: Date.parse(ORDER.expiresAt) }, 'expired'],
  ['of tomorrow', KEYS, { nowMs: Date.parse(ORDER.issuedAt) - 300_001 }, 'not-yet-valid'],
  ['of another technician', KEYS, { technician: 'Grace' }, 'another-technician'],
])('a work order %s is refused by its reason', (_what, keys, how, reason) => {
  const token = issueWorkOrder(ORDER, privateKey);
  expect(verifyWorkOrder(token, keys, { nowMs: NOW, ...how })).toEqual({ ok: false, reason });
});

test('a laptop whose clock is some minutes late may begin', () => {
  const nowMs = Date.parse(ORDER.issuedAt) - 300_000;
  expect(verifyWorkOrder(issueWorkOrder(ORDER, privateKey), KEYS, { nowMs })).toMatchObject({ ok: true });
});

test.each<[string, Partial<WorkOrder>]>([
  ['lasts longer than a day', { expiresAt: '2026-03-02T07:00:00.001Z' }],
  ['ends before it begins', { expiresAt: '2026-03-01T06:00:00.000Z' }],
  ['lists nothing', { hwIds: [], batches: [] }],
  ['allows nothing', { may: [] }],
  ['is nobody\u2019s', { technician: ' ' }],
  ['has a range that goes down', { batches: [{ from: 9, to: 7 }] }],
  ['lists too much', { hwIds: Array<string>(501).fill(HW_ID) }],
])('a work order that %s is not signed', (_what, change) => {
  const refused = expect.objectContaining({ code: 'work-order.invalid' });
  expect(() => issueWorkOrder({ ...ORDER, ...change }, privateKey)).toThrow(refused);
});

test('whatever is changed in a token, it is refused', () => {
  const token = issueWorkOrder(ORDER, privateKey);
  const place = fc.integer({ min: 0, max: token.length - 1 });
  fc.assert(
    fc.property(place, fc.string({ minLength: 1, maxLength: 1 }), (at, character) => {
      fc.pre(token[at] !== character);
      const changed = `${token.slice(0, at)}${character}${token.slice(at + 1)}`;
      expect(verifyWorkOrder(changed, KEYS, { nowMs: NOW }).ok).toBe(false);
    }),
  );
});

test.each([
  '',
  'inklet-wo1',
  'inklet-wo1..',
  `inklet-wo1.${Buffer.from('null').toString('base64url')}.${'A'.repeat(86)}`,
  `inklet-wo1.${Buffer.from('{"hwIds":"AA"}').toString('base64url')}.${'A'.repeat(86)}`,
  `inklet-wo1.${'A'.repeat(1_000_000)}.`,
])('what is no work order is malformed (%#)', (token) => {
  expect(verifyWorkOrder(token, KEYS, { nowMs: NOW })).toEqual({ ok: false, reason: 'malformed' });
});

test('the signature of a tag is not that of a work order', () => {
  const { hwSig } = signHwId({
    payload: { keyId: 3, hwId: HW_ID, model: 1, batch: 7 },
    tagUid: '04de5f1eacc040',
    privateKey,
  });
  const [prefix, payload] = issueWorkOrder(ORDER, privateKey).split('.');
  const verdict = verifyWorkOrder([prefix, payload, hwSig].join('.'), KEYS, { nowMs: NOW });
  expect(verdict).toEqual({ ok: false, reason: 'wrong-signature' });
});

test.each([
  [{ action: 'provision', hwId: HW_ID }, undefined],
  [{ action: 'diagnose', hwId: 'a'.repeat(20), batch: 9 }, undefined],
  [{ action: 'provision', hwId: 'a'.repeat(20) }, 'not-listed'],
  [{ action: 'provision', hwId: 'a'.repeat(20), batch: 10 }, 'not-listed'],
  [{ action: 'provision' }, 'not-listed'],
  [{ action: 'make-tag', hwId: HW_ID }, 'not-allowed'],
] as const)('%j: %s', (task, refusal) => {
  expect(workOrderRefusal(ORDER, task)).toBe(refusal);
});
