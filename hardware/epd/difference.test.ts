import { expect, test } from 'vitest';
import { changedPixels } from './difference.js';
import { frameOf } from './frame.js';

test.each([
  [2, 0b1010_0001, 3],
  [4, 0b1010_0001, 3],
  [7, 0b1010_0001, 2],
])('in %d inks the changes of %d are %d pixels', (inkCount, byte, pixels) => {
  const bitsPerPixel = inkCount === 2 ? 1 : inkCount === 4 ? 2 : 4;
  const shape = { width: 16 / bitsPerPixel, height: 1, inkCount };
  const before = frameOf(Uint8Array.of(0, 0xff), shape);
  expect(changedPixels(before, frameOf(Uint8Array.of(byte, 0xff), shape))).toBe(pixels);
  expect(changedPixels(before, before)).toBe(0);
});
