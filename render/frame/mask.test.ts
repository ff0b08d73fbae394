import { expect, test } from 'vitest';
import { maskOf } from './mask.js';

const SIDE = 40;

test('a part of any width and place has the pixels that lie in it, and nothing beside them', () => {
  const pixels = Uint8Array.from({ length: SIDE * SIDE }, (_, at) => ((at * 2_654_435_761) % 7 < 3 ? 255 : 0));
  for (let left = 0; left < 9; left += 1) {
    for (let width = 0; width <= SIDE - left; width += 1) {
      const { bits, ...size } = maskOf(pixels, SIDE, { left, top: 3, right: left + width, bottom: 6 });
      expect(size).toEqual({ width, height: width === 0 ? 0 : 3 });
      const rows = Array.from({ length: size.height }, (_, y) =>
        Array.from({ length: Math.ceil(width / 8) * 8 }, (_, x) => {
          return x < width && pixels[(3 + y) * SIDE + left + x] === 255 ? '1' : '0';
        }).join(''),
      );
      expect(Array.from(bits, (byte) => byte.toString(2).padStart(8, '0')).join('')).toBe(rows.join(''));
    }
  }
});

test('a part that ends before it begins is empty', () => {
  const pixels = new Uint8Array(SIDE * SIDE).fill(255);
  expect(maskOf(pixels, SIDE, { left: 9, top: 9, right: 8, bottom: 8 })).toMatchObject({ width: 0, height: 0 });
});
