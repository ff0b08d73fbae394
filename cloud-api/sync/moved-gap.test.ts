import { expect, test } from 'vitest';
import type { Gap } from '../../contract/index.js';
import { cutGap, leftOfGap } from './moved-gap.js';

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

const upTo = (mark: number) => (was: { from: number; to: number }) =>
  mark < was.from ? [] : [{ from: was.from, to: Math.min(mark, was.to) }];

test('of a gap that was moved, what was acknowledged in its old place is not named again', () => {
  const left = (mark: number) => leftOfGap(gap(1, 10, [[OLD, 41, 50]]), upTo(mark));
  expect(left(40)).toMatchObject([{ from: 1, to: 10, rows: 10 }]);
  expect(left(43)).toMatchObject([{ from: 4, to: 10, rows: 7, bytes: 70, was: [{ from: 44, to: 50 }] }]);
  expect(left(50)).toEqual([]);
  expect(left(99)).toEqual([]);
});

test('what is covered in its middle parts it in two', () => {
  const covered = [
    { from: 46, to: 47 },
    { from: 43, to: 44 },
    { from: 44, to: 45 },
  ];
  expect(leftOfGap(gap(1, 10, [[OLD, 41, 50]]), () => covered)).toMatchObject([
    { from: 1, to: 2, rows: 2, was: [{ from: 41, to: 42 }] },
    { from: 8, to: 10, rows: 3, was: [{ from: 48, to: 50 }] },
  ]);
});

test('one that was moved twice lacks what is covered in either place', () => {
  const moved = gap(1, 10, [
    [OLDER, 11, 20],
    [OLD, 1, 10],
  ]);
  const left = leftOfGap(moved, (was) => upTo(was.epoch === OLDER ? 12 : 4)(was));
  expect(left).toMatchObject([{ from: 5, to: 10 }]);
});

test('one that has grown since it was moved is covered only as far as it was then', () => {
  const grown = gap(1, 10, [[OLD, 1, 3]]);
  expect(leftOfGap(grown, upTo(2))).toMatchObject([{ from: 3, to: 10 }]);
  expect(leftOfGap(grown, upTo(9))).toMatchObject([{ from: 4, to: 10 }]);
});

test('a gap without an old place stays whole, and rows are shared out when it is cut', () => {
  expect(leftOfGap(gap(1, 4), upTo(99))).toEqual([gap(1, 4)]);
  expect(cutGap({ ...gap(1, 100), rows: 10, bytes: 1000 }, 51, 100)).toMatchObject({ from: 51, rows: 5, bytes: 500 });
  expect(cutGap(gap(1, 10, [[OLD, 1, 3]]), 5, 10)).toMatchObject({ from: 5, to: 10, was: [] });
});
