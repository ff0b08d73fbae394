import { createHmac } from 'node:crypto';
import { CLAIM_CODE_ALPHABET, CLAIM_WORDS } from '../../contract/index.js';

export type RandomBytes = (size: number) => Uint8Array;

const LETTERS = 8;
/** Bytes from here on would favour the first letters. */
const FAIR_BYTES = 256 - (256 % CLAIM_CODE_ALPHABET.length);

/** A claim code as the glass shows it. */
export function newCode(randomBytes: RandomBytes): string {
  let letters = '';
  while (letters.length < LETTERS) {
    for (const byte of randomBytes(LETTERS)) {
      if (byte < FAIR_BYTES) letters += CLAIM_CODE_ALPHABET.charAt(byte % CLAIM_CODE_ALPHABET.length);
    }
  }
  return `${letters.slice(0, LETTERS / 2)}-${letters.slice(LETTERS / 2, LETTERS)}`;
}

/** A word to compare between the glass and the page. */
export function newWord(randomBytes: RandomBytes): string {
  return CLAIM_WORDS[(randomBytes(1)[0] ?? 0) % CLAIM_WORDS.length] ?? CLAIM_WORDS[0];
}

/** What is kept in the code's place; people type it with and without the dash, in either case. */
export function codeHmac(key: Uint8Array, typed: string): Buffer {
  const letters = typed.toUpperCase().replace(/[^A-Z]/g, '');
  return createHmac('sha256', key).update(letters).digest();
}
