import { expect, test } from 'vitest';
import { isRealType, textOf } from './real-type.js';

const bytes = (text: string) => Buffer.from(text, 'latin1');

test.each([
  ['image/png', '\x89PNG\r\n\x1a\nrest'],
  ['image/jpeg', '\xff\xd8\xff\xe0rest'],
  ['image/gif', 'GIF89arest'],
  ['image/webp', 'RIFF\x01\x02\x03\x04WEBPrest'],
  ['image/avif', '\0\0\0\x18ftypmif1\0\0\0\0mif1avifrest'],
  ['image/tiff', 'II*\0rest'],
  ['image/svg+xml', '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'],
  ['application/pdf', '%PDF-1.7'],
  ['text/plain', 'milk'],
])('%s is known by its beginning, and a ZIP is none of it', (contentType, beginning) => {
  expect(isRealType(bytes(beginning), contentType)).toBe(true);
  expect(isRealType(bytes('PK\x03\x04\x00\x00\xff\xfe'), contentType)).toBe(false);
});

test('text is UTF-8 without U+0000', () => {
  expect(textOf(Buffer.from('Brötchen'))).toBe('Brötchen');
  expect(textOf(bytes('Br\xf6tchen'))).toBeUndefined();
  expect(textOf(bytes('a\0b'))).toBeUndefined();
});
