import { expect, test } from 'vitest';
import { refuseTooManyPixels } from './pixel-limits.js';

const TELEPHONE = { width: 4032, height: 3024, channels: 3, format: 'jpeg' } as const;

test.each([
  ['a photo of 12 megapixels', TELEPHONE],
  ['one of 48 megapixels', { ...TELEPHONE, width: 8064, height: 6048 }],
  ['a panorama', { ...TELEPHONE, width: 16_382, height: 2900 }],
  ['a progressive one', { ...TELEPHONE, isProgressive: true }],
  ['one of 24 megapixels, progressive with halved colour', progressive(5712, 4284, '4:2:0')],
  ['12 megapixels of AVIF in ten bits', { ...TELEPHONE, format: 'heif', depth: 'ushort' }],
  ['a sheet of 24 megapixels in 16 bits', { ...TELEPHONE, format: 'png', width: 6000, height: 4000, depth: 'ushort' }],
  ['a line of 1 x 20000', { width: 1, height: 20_000, channels: 4, format: 'png', depth: 'ushort' }],
  ['a line of 20000 x 1', { width: 20_000, height: 1, channels: 4, format: 'png', depth: 'ushort' }],
] as const)('there is room for %s', (_name, facts) => {
  expect(() => refuseTooManyPixels(facts)).not.toThrow();
});

test.each([
  ['too many of any format', { ...TELEPHONE, width: 8000, height: 6251 }, 'limit is 50000000 in all'],
  ['rows that are too wide', { ...TELEPHONE, width: 32_768, height: 10 }, 'limit is 32767 on a side'],
  ['columns that are too high', { ...TELEPHONE, width: 10, height: 32_768 }, 'limit is 32767 on a side'],
  ['a wide strip in 16 bits', { ...png(32_000, 520), depth: 'ushort' }, /limit is 8388608 for one that is 32000 wide/],
  ['an interlaced PNG', { ...png(7000, 6000), isProgressive: true }, /for one that is read at once/],
  ['a progressive JPEG with all its colour', progressive(5712, 4284, '4:4:4'), /for one that is read at once/],
  ['a GIF', { ...TELEPHONE, format: 'gif', width: 6000, height: 5000 }, /for one that is read at once/],
  ['an animated WebP', { ...png(6000, 5000), format: 'webp', pages: 2 }, /for one that is read at once/],
  [
    'an AVIF',
    { ...TELEPHONE, format: 'heif', width: 4500, height: 4000 },
    /limit is 1\d{7} for one that is read at once/,
  ],
] as const)('refused by its numbers: %s', (_name, facts, message) => {
  const refusal = expect.objectContaining({ code: 'render.picture-too-many-pixels' });
  expect(() => refuseTooManyPixels(facts)).toThrow(refusal);
  expect(() => refuseTooManyPixels(facts)).toThrow(message);
});

function png(width: number, height: number) {
  return { width, height, channels: 4, format: 'png' } as const;
}

function progressive(width: number, height: number, chromaSubsampling: string) {
  return { ...TELEPHONE, width, height, isProgressive: true, chromaSubsampling };
}
