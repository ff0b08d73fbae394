import { expect, test } from 'vitest';
import { failedTransfer } from './failure.js';

test.for([
  ['SCardTransmit error: Card was removed.(0x80100069)', 'tag-gone'],
  ['SCardTransmit error: Transaction failed.(0x80100016)', 'tag-gone'],
  ['SCardConnect error: Card is unresponsive.(0x80100066)', 'tag-gone'],
  ['SCardTransmit error: Card was reset.(0x80100068)', 'tag-reset'],
  ['SCardGetStatusChange error: Service not available.(0x8010001D)', 'nfc.no-service'],
  ['SCardTransmit error: Communication error.(0x80100013)', 'nfc.no-service'],
  ['SCardConnect error: Sharing violation.(0x8010000B)', 'nfc.reader-busy'],
  ['SCardConnect error: Unknown reader specified.(0x80100009)', 'nfc.no-reader'],
  ['SCardTransmit error: something new(0x80109999)', 'nfc.reader-failed'],
  ['no number at all', 'nfc.reader-failed'],
])('"%s" means %s', ([message = '', meaning]) => {
  const failure = failedTransfer(Object.assign(new Error('An error occurred.'), { previous: new Error(message) }));
  expect(typeof failure === 'string' ? failure : failure.code).toBe(meaning);
  if (typeof failure !== 'string') expect(failure.message).toBe(message);
});

test('what is no error is a failure all the same', () => {
  expect(failedTransfer(undefined)).toEqual({ code: 'nfc.reader-failed', message: 'undefined' });
});
