import { expect, test } from 'vitest';
import { aesCmac, diversifiedKey } from './aes-cmac.js';

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex = (of: Uint8Array) => Buffer.from(of).toString('hex');

const MESSAGE =
  '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51' +
  '30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710';

// RFC 4493, section 4, examples 1 to 4.
test.for([
  [0, 'bb1d6929e95937287fa37d129b756746'],
  [16, '070a16b46b4d4144f79bdd9dd04a287c'],
  [40, 'dfa66747de9ae63030ca32611497c827'],
  [64, '51f0bebf7e3b9d92fc49741779363cfe'],
] as const)('the CMAC of %i bytes is the one of the RFC', ([length, mac]) => {
  expect(hex(aesCmac(bytes('2b7e151628aed2a6abf7158809cf4f3c'), bytes(MESSAGE).slice(0, length)))).toBe(mac);
});

// NXP AN10922, the example for AES-128.
test('a key of a tag is the one of the application note', () => {
  const master = bytes('00112233445566778899aabbccddeeff');
  const key = diversifiedKey(master, '04782e21801d80', bytes('3042f54e585020416275'));
  expect(hex(key)).toBe('a8dd63a3b89d54b37ca802473fda9175');
});

test('two tags, or two systems, have two keys', () => {
  const master = new Uint8Array(16);
  const keys = [
    diversifiedKey(master, '04782e21801d80', bytes('01')),
    diversifiedKey(master, '04782e21801d81', bytes('01')),
    diversifiedKey(master, '04782e21801d80', bytes('02')),
  ];
  expect(new Set(keys.map(hex)).size).toBe(3);
});
