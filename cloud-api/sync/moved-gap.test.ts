import { expect, test } from 'vitest';
import type { Gap } from '../../contract/index.js';
import { leftOfGap, trimGap } from './moved-gap.js';

const OLD = 'a'.repeat(32);
const OLDER = 'b'.repeat(32);

function gap(from: number, to: number, was?: [epoch: string, from: number, to: number][]): Gap {
  const rows = to - from + 1;
  const places = was?.map(([epoch, first, last]) => ({ epoch, lane: 1 as const, from: first, to: last }));
  return {
    lane: 1,
    from,
    to,
    reason: 'quota',
    rows,
    bytes: rows * 10,
    firstAt: null,
    lastAt: null,
    ...(places && { was: places }),
  };
}

test('of a gap that was moved, what was acknowledged in its old place is not named again', () => {
  const left = (hwm: number) => leftOfGap(gap(1, 10, [[OLD, 41, 50]]), () => hwm);
  expect(left(40)).toMatchObject({ from: 1, to: 10, rows: 10 });
  expect(left(43)).toMatchObject({ from: 4, to: 10, rows: 7, bytes: 70, was: [{ from: 44, to: 50 }] });
  expect(left(50)).toBeUndefined();
  expect(left(99)).toBeUndefined();
});

test('one that was moved twice counts from where most of it was acknowledged', () => {
  const moved = gap(1, 10, [
    [OLDER, 11, 20],
    [OLD, 1, 10],
  ]);
  expect(leftOfGap(moved, ({ epoch }) => (epoch === OLDER ? 12 : 4))).toMatchObject({ from: 5, to: 10 });
});

test('a place of another length says something only when all of it is covered', () => {
  const odd = gap(1, 10, [[OLD, 1, 3]]);
  expect(leftOfGap(odd, () => 2)).toEqual(odd);
  expect(leftOfGap(odd, () => 3)).toBeUndefined();
});

test('a gap without an old place stays whole, and rows are shared out when it is cut', () => {
  expect(leftOfGap(gap(1, 4), () => 99)).toEqual(gap(1, 4));
  expect(trimGap({ ...gap(1, 100), rows: 10, bytes: 1000 }, 50)).toMatchObject({ from: 51, rows: 5, bytes: 500 });
});
