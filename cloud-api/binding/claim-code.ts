import { createHmac } from 'node:crypto';
import { CLAIM_CODE_ALPHABET } from '../../contract/index.js';

const LETTERS = 8;
/** How many claim codes there are. */
export const CODES = BigInt(CLAIM_CODE_ALPHABET.length) ** BigInt(LETTERS);

/**
 * The claim code of one request of one hub. It follows from the key, so that a repeated request gets the same code
 * although no table holds it.
 */
export function claimCodeFor(key: Buffer, hubId: string, requestId: string): string {
  // 256 bits over 20^8 codes: what the remainder favours is too little to measure.
  const digest = createHmac('sha256', key).update(`code\0${hubId}\0${requestId}`).digest('hex');
  let rest = BigInt(`0x${digest}`) % CODES;
  let code = '';
  for (let place = 0; place < LETTERS; place += 1) {
    code += CLAIM_CODE_ALPHABET.charAt(Number(rest % BigInt(CLAIM_CODE_ALPHABET.length)));
    rest /= BigInt(CLAIM_CODE_ALPHABET.length);
  }
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}

/** What is stored in the code's place. People type it with and without the dash, in either case: RFC 8628 section 6.1. */
export function claimCodeHmac(key: Buffer, typed: string): string {
  const letters = typed.toUpperCase().replace(/[^A-Z]/g, '');
  return createHmac('sha256', key).update(`stored\0${letters}`).digest('hex');
}
