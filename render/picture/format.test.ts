import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { isHevc, PICTURE_NAMES, pictureTypeOf } from './format.js';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>';

test.each([
  ['image/png', bytes('\x89PNG\r\n\x1a\nrest')],
  ['image/jpeg', bytes('\xff\xd8\xff\xe0rest')],
  ['image/gif', bytes('GIF87arest')],
  ['image/webp', bytes('RIFF....WEBPrest')],
  ['image/avif', bytes('\0\0\0\x1cftypavif\0\0\0\0avifmif1miafrest')],
  ['image/avif', bytes('\0\0\0\x18ftypmif1\0\0\0\0mif1avifrest')],
  ['image/avif', bytes('\0\0\0\x14ftypmif1\0\0\0\0miafrest')],
  ['image/tiff', bytes('II*\0rest')],
  ['image/tiff', bytes('MM\0*rest')],
  ['image/tiff', bytes('II+\0rest')],
  ['image/svg+xml', bytes(SVG)],
  ['image/svg+xml', bytes(`\xef\xbb\xbf\n<?xml version="1.0"?><!-- a --><!DOCTYPE svg>${SVG}`)],
  ['image/svg+xml', gzipSync(SVG.padEnd(100_000))],
])('%s is known by its beginning', (type, beginning) => {
  expect(pictureTypeOf(beginning)).toBe(type);
});

test.each([
  ['a HEIC', bytes('\0\0\0\x18ftypheic\0\0\0\0mif1heicrest')],
  ['a film', bytes('\0\0\0\x18ftypisom\0\0\0\0mp42avc1rest')],
  ['a box of no length', bytes('\0\0\0\0ftyp')],
  ['a page', bytes('<?xml version="1.0"?><html/>')],
  ['gzip of anything', gzipSync('milk')],
  ['JPEG XL', bytes('\0\0\0\x0cJXL \r\n\x87\n')],
  ['a bitmap', bytes('BM1234')],
  ['nothing', bytes('')],
])('%s is no picture', (_name, beginning) => {
  expect(pictureTypeOf(beginning)).toBeUndefined();
});

test('HEVC is told from AV1', () => {
  expect(isHevc(bytes('\0\0\0\x18ftypmif1\0\0\0\0mif1heicrest'))).toBe(true);
  expect(isHevc(bytes('\0\0\0\x18ftypmif1\0\0\0\0heicavifrest'))).toBe(false);
  expect(isHevc(bytes('milk'))).toBe(false);
});

test('people are told of every type', () => {
  expect(PICTURE_NAMES).toBe('PNG, JPEG, GIF, WebP, AVIF, TIFF or SVG');
});
