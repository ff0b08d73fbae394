import { expect, test } from 'vitest';
import { polygonMask } from './polygon-mask.js';

function rows({ width, height, bits }: ReturnType<typeof polygonMask>): string[] {
  const stride = Math.ceil(width / 8);
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) =>
      ((bits[y * stride + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1 ? '#' : '.',
    ).join(''),
  );
}

test('a rectangle covers its pixels, and one that lies half over a pixel covers it', () => {
  expect(rows(polygonMask([[1, 1, 4, 1, 4, 3, 1, 3]], 6, 4))).toEqual(['......', '.###..', '.###..', '......']);
  expect(rows(polygonMask([[0.4, 0, 2.4, 0, 2.4, 1, 0.4, 1]], 4, 1))).toEqual(['##..']);
});

test('a polygon that turns the other way cuts a hole, one that turns the same way does not', () => {
  const outer = [0, 0, 5, 0, 5, 5, 0, 5];
  const inner = [1, 1, 4, 1, 4, 4, 1, 4];
  const turned = [1, 1, 1, 4, 4, 4, 4, 1];
  expect(rows(polygonMask([outer, turned], 5, 5))).toEqual(['#####', '#...#', '#...#', '#...#', '#####']);
  expect(rows(polygonMask([outer, inner], 5, 5))).toEqual(['#####', '#####', '#####', '#####', '#####']);
});

test('what reaches outside is left out', () => {
  expect(rows(polygonMask([[-50, -50, 50, -50, 50, 2, -50, 2]], 9, 3))).toEqual([
    '#########',
    '#########',
    '.........',
  ]);
  expect(rows(polygonMask([[-9, -9, -5, -9, -5, -5]], 2, 1))).toEqual(['..']);
  expect(polygonMask([], 0, 0).bits).toHaveLength(0);
});
