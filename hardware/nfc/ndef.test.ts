import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HardwareError } from '../errors.js';
import { decodeNdef, encodeNdef, type NdefRecord } from './ndef.js';
import { layOut, ndefIn } from './tlv.js';
import { URI_PREFIXES } from './uri-prefixes.js';

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const hex = (array: Uint8Array) => Buffer.from(array).toString('hex');
const FACTORY_AREA = bytes(`0103a00c34 0300fe ${'00'.repeat(136)}`);

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof HardwareError) return error.code;
    throw error;
  }
  return 'no error';
}

const payloads = fc.uint8Array({ maxLength: 300 });
const records: fc.Arbitrary<NdefRecord> = fc.oneof(
  fc.record({ kind: fc.constant('external'), type: fc.stringMatching(/^[a-z.]{1,20}:[a-z]{1,9}$/), payload: payloads }),
  fc
    .tuple(fc.constantFrom(...URI_PREFIXES), fc.string({ unit: 'grapheme', maxLength: 40 }))
    .map(([prefix, rest]) => ({ kind: 'uri' as const, uri: prefix + rest })),
  fc.record({
    kind: fc.constant('text'),
    language: fc.stringMatching(/^[a-z]{2}(-[A-Z]{2})?$/),
    text: fc.string({ unit: 'grapheme', maxLength: 60 }),
  }),
  fc.constant({ kind: 'empty' as const }),
  fc.record({
    kind: fc.constant('other'),
    tnf: fc.constant(2),
    type: fc.uint8Array({ maxLength: 20 }),
    payload: payloads,
  }),
);

describe('an NDEF message', () => {
  test.each<[string, NdefRecord[], string]>([
    ['a URI', [{ kind: 'uri', uri: 'https://www.example.com' }], 'd1010c5502 6578616d706c652e636f6d'],
    ['a URI of no known scheme', [{ kind: 'uri', uri: 'x:y' }], 'd101045500 783a79'],
    ['a text', [{ kind: 'text', language: 'en', text: 'Hi' }], 'd1010554 02 656e 4869'],
    [
      'an external record',
      [{ kind: 'external', type: 'inklet.app:h', payload: Uint8Array.of(1, 2) }],
      'd40c02 696e6b6c65742e6170703a68 0102',
    ],
    ['two empty records', [{ kind: 'empty' }, { kind: 'empty' }], '900000 500000'],
  ])('%s has these bytes', (_what, message, expected) => {
    expect(hex(encodeNdef(message))).toBe(expected.replaceAll(' ', ''));
    expect(decodeNdef(bytes(expected))).toEqual(message);
  });

  test('what is written is read again', () => {
    fc.assert(
      fc.property(fc.array(records, { minLength: 1, maxLength: 3 }), (message) => {
        expect(decodeNdef(encodeNdef(message))).toEqual(message);
      }),
    );
  });

  test('a text in UTF-16 of either byte order is read', () => {
    const text = { kind: 'text', language: 'de', text: 'é€' };
    expect(decodeNdef(bytes('d1010754 82 6465 00e9 20ac'))).toEqual([text]);
    expect(decodeNdef(bytes('d1010954 82 6465 fffe e900 ac20'))).toEqual([text]);
  });

  test('an id and a type in capitals are read past', () => {
    expect(decodeNdef(bytes('dc 03 01 02 41 3a 42 4944 07'))).toEqual([
      { kind: 'external', type: 'a:b', payload: Uint8Array.of(7) },
    ]);
  });

  test.each([
    ['nothing', '', 'ndef.malformed'],
    ['a header cut short', 'd1', 'ndef.malformed'],
    ['a payload longer than the message', 'd101ff5502', 'ndef.malformed'],
    ['a payload of four billion bytes', 'c101ffffffff5502', 'ndef.malformed'],
    ['no begin bit', '5101025500 41', 'ndef.malformed'],
    ['a second begin bit', '910102550041 d10102550041', 'ndef.malformed'],
    ['no end bit', '910102550041', 'ndef.malformed'],
    ['bytes after the end', 'd10102550041 00', 'ndef.malformed'],
    ['a URI record of no bytes', 'd1010055', 'ndef.malformed'],
    ['a URI that is not UTF-8', 'd101025500ff', 'ndef.malformed'],
    ['a language longer than the record', 'd1010254 3f 65', 'ndef.malformed'],
    ['an empty record with a payload', 'd0000141', 'ndef.malformed'],
    ['a record in chunks', 'b10101550041', 'ndef.unsupported'],
    ['more than a kilobyte', '00'.repeat(1025), 'ndef.too-long'],
  ])('%s is a typed error', (_what, message, code) => {
    expect(codeOf(() => decodeNdef(bytes(message)))).toBe(code);
  });

  test.each<[string, NdefRecord[], string]>([
    ['no record', [], 'ndef.bad-record'],
    ['an external type without a domain', [{ kind: 'external', type: 'h', payload: bytes('') }], 'ndef.bad-record'],
    ['a language of 64 letters', [{ kind: 'text', language: 'e'.repeat(64), text: '' }], 'ndef.bad-record'],
    ['1025 bytes', [{ kind: 'external', type: 'a:b', payload: new Uint8Array(1016) }], 'ndef.too-long'],
  ])('%s is not written', (_what, message, code) => {
    expect(codeOf(() => encodeNdef(message))).toBe(code);
  });

  test('any bytes at all are read or refused with a code', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1100 }), (garbage) => {
        expect(codeOf(() => decodeNdef(garbage))).toMatch(/^(no error|ndef\.)/);
        expect(codeOf(() => decodeNdef(ndefIn(garbage) ?? bytes('d00000')))).toMatch(/^(no error|ndef\.)/);
      }),
      { numRuns: 1000 },
    );
  });

  test('a message with any one byte changed is read or refused with a code', () => {
    fc.assert(
      fc.property(fc.array(records, { minLength: 1, maxLength: 2 }), fc.nat(), fc.nat(255), (message, at, value) => {
        const changed = encodeNdef(message);
        changed[at % changed.length] = value;
        expect(codeOf(() => decodeNdef(changed))).toMatch(/^(no error|ndef\.)/);
      }),
    );
  });
});

describe('the user area of a tag', () => {
  test('the message follows the control block of the factory and ends with a terminator', () => {
    const { bytes: area, lengthAt } = layOut(bytes('d00000'), FACTORY_AREA);
    expect(hex(area)).toBe('0103a00c34' + '0303d00000' + 'fe');
    expect(lengthAt).toBe(6);
  });

  test('a message of 255 bytes has its length in three bytes', () => {
    const message = new Uint8Array(255).fill(7);
    const area = layOut(message, new Uint8Array(496)).bytes;
    expect(hex(area.slice(0, 5))).toBe('03ff00ff07');
    expect(ndefIn(area)).toEqual(message);
  });

  test('a message that fills the tag to the last byte needs no terminator', () => {
    expect(layOut(new Uint8Array(137), FACTORY_AREA).bytes.length).toBe(144);
    expect(codeOf(() => layOut(new Uint8Array(138), FACTORY_AREA))).toBe('nfc.tag-full');
  });

  test('damaged control blocks are not kept', () => {
    expect(hex(layOut(bytes('d00000'), bytes(`0109a00c34${'00'.repeat(40)}`)).bytes)).toBe('0303d00000fe');
  });

  test.each([
    ['a tag as the factory made it', '0103a00c340300fe', undefined],
    ['nulls and a proprietary block before the message', '0000 fd02abcd 0303d00000 fe', 'd00000'],
    ['a message after the terminator', 'fe 0303d00000', undefined],
    ['nothing but nulls', '00000000', undefined],
  ])('%s is read', (_what, area, message) => {
    const found = ndefIn(bytes(area));
    expect(found === undefined ? undefined : hex(found)).toBe(message);
  });

  test.each([
    ['a length beyond the area', '03ff0100d0', 'ndef.malformed'],
    ['a block without a length', '03', 'ndef.malformed'],
    ['half a long length', '03ff01', 'ndef.malformed'],
    ['a length of more than a kilobyte', `03ff0401${'00'.repeat(10)}`, 'ndef.too-long'],
  ])('%s is a typed error', (_what, area, code) => {
    expect(codeOf(() => ndefIn(bytes(area)))).toBe(code);
  });
});
