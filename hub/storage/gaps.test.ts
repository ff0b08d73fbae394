import { expect } from 'vitest';
import type { GapReason } from '../../contract/index.js';
import { test } from '../../test/support/hub-site.js';
import { type GapRow, Gaps } from './gaps.js';
import type { Store } from './store.js';

const EVERYTHING = [1, 0, 100] as const;

function gapOf(from: number, to: number, reason: GapReason = 'quota'): GapRow {
  const rows = to - from + 1;
  return { lane: 1, from, to, reason, rows, bytes: rows * 100, firstMs: from, lastMs: to };
}

function gapsOf({ database }: Pick<Store, 'database'>, ranges: readonly GapRow[]): Gaps {
  const gaps = new Gaps(database);
  for (const range of ranges) database.write(() => gaps.add(range));
  return gaps;
}

test('neighbours of one reason are one range, others are not', ({ store }) => {
  const gaps = gapsOf(store, [gapOf(1, 3), gapOf(7, 9), gapOf(4, 6), gapOf(10, 10, 'ttl'), gapOf(12, 12, 'ttl')]);
  expect(gaps.read(...EVERYTHING)).toEqual([gapOf(1, 9), gapOf(10, 10, 'ttl'), gapOf(12, 12, 'ttl')]);
});

test('a range that is dropped whole has the ranges in it', ({ store }) => {
  const gaps = gapsOf(store, [gapOf(2, 4, 'thin'), gapOf(6, 8, 'thin')]);
  store.database.write(() => gaps.add({ ...gapOf(5, 9), from: 1, rows: 3, bytes: 300, firstMs: 1 }));
  expect(gaps.read(...EVERYTHING)).toEqual([{ ...gapOf(1, 9), rows: 9, bytes: 900 }]);
});

test('an acknowledgement in the middle of a range leaves what is past it', ({ store }) => {
  const gaps = gapsOf(store, [gapOf(1, 4), gapOf(6, 15, 'thin')]);
  store.database.write(() => gaps.trim(1, 10));
  expect(gaps.read(...EVERYTHING)).toMatchObject([{ from: 11, to: 15, reason: 'thin', rows: 5, bytes: 500 }]);
  store.database.write(() => gaps.trim(1, 15));
  expect(gaps.read(...EVERYTHING)).toEqual([]);
});

test('a range without a trusted time has none', ({ store }) => {
  const gaps = gapsOf(store, [
    { ...gapOf(1, 1), firstMs: null, lastMs: null },
    { ...gapOf(2, 2), firstMs: null, lastMs: null },
  ]);
  expect(gaps.read(...EVERYTHING)).toMatchObject([{ from: 1, to: 2, firstMs: null, lastMs: null }]);
});
