import { expect, test } from 'vitest';
import { verifySun } from './sun.js';

// The public example of the NXP community (m-p/1049315): all keys are zero.
const SUN = { piccData: 'EF963FF7828658A599F3041510671E88', cmac: '94EED9EE65337086' };
const ZERO = new Uint8Array(16);
const KEYS = { metaKey: ZERO, fileKeyOf: () => ZERO };
const never = () => undefined;

test('the public example is the read of its tag', () => {
  expect(verifySun(SUN, KEYS, never)).toEqual({ ok: true, tagUid: '04de5f1eacc040', counter: 61 });
});

test('hex may be written small', () => {
  const small = { piccData: SUN.piccData.toLowerCase(), cmac: SUN.cmac.toLowerCase() };
  expect(verifySun(small, KEYS, never)).toMatchObject({ ok: true });
});

test.for([
  [60, { ok: true }],
  [61, { ok: false, reason: 'sun.replayed' }],
  [62, { ok: false, reason: 'sun.replayed' }],
  [0xff_ffff, { ok: false, reason: 'sun.replayed' }],
] as const)('after the counter %i, 61 is %o', ([last, verdict]) => {
  const asked: string[] = [];
  const lastCounterOf = (tagUid: string) => {
    asked.push(tagUid);
    return last;
  };
  expect(verifySun(SUN, KEYS, lastCounterOf)).toMatchObject(verdict);
  expect(asked).toEqual(['04de5f1eacc040']);
});

test('every changed bit of the MAC is a wrong MAC', () => {
  for (let bit = 0; bit < 64; bit += 1) {
    const cmac = Buffer.from(SUN.cmac, 'hex');
    cmac[bit >> 3] = (cmac[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(verifySun({ ...SUN, cmac: cmac.toString('hex') }, KEYS, never)).toEqual({
      ok: false,
      reason: 'sun.wrong-mac',
    });
  }
});

test('no changed bit of UID and counter is taken', () => {
  for (let bit = 0; bit < 128; bit += 1) {
    const piccData = Buffer.from(SUN.piccData, 'hex');
    piccData[bit >> 3] = (piccData[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(verifySun({ ...SUN, piccData: piccData.toString('hex') }, KEYS, never).ok).toBe(false);
  }
});

test('the key of another tag makes a wrong MAC, another key for all no SUN at all', () => {
  const other = new Uint8Array(16).fill(1);
  expect(verifySun(SUN, { ...KEYS, fileKeyOf: () => other }, never)).toEqual({ ok: false, reason: 'sun.wrong-mac' });
  expect(verifySun(SUN, { ...KEYS, metaKey: other }, never)).toEqual({ ok: false, reason: 'sun.malformed' });
});

test.for([
  undefined,
  null,
  'picc_data=EF',
  {},
  { piccData: SUN.piccData },
  { ...SUN, cmac: `${SUN.cmac}00` },
  { ...SUN, cmac: 'zz'.repeat(8) },
  { ...SUN, piccData: '' },
  { ...SUN, piccData: SUN.piccData.repeat(1000) },
])('%o is no SUN', (sun) => {
  expect(verifySun(sun, KEYS, never)).toEqual({ ok: false, reason: 'sun.malformed' });
});
