import { expect, test } from 'vitest';
import { Grouped } from './grouped.js';

/** A group's work that waits until it is let go, and notes what it was given. */
function heldWork() {
  const groups: number[][] = [];
  const held: (() => void)[] = [];
  const run = async (items: readonly number[]) => {
    groups.push([...items]);
    await new Promise<void>((resolve) => held.push(resolve));
    return items.map((item) => item * 10);
  };
  return { groups, run, letGo: () => held.shift()?.() };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('what comes in one turn is done together, and what comes meanwhile in the next group', async () => {
  const { groups, run, letGo } = heldWork();
  const grouped = new Grouped({ most: 3, run, isItemsFault: () => false });
  const first = [grouped.add(1), grouped.add(2)];
  await turn();
  const later = [3, 4, 5, 6].map((item) => grouped.add(item));
  expect(groups).toEqual([[1, 2]]);
  letGo();
  expect(await Promise.all(first)).toEqual([10, 20]);
  await turn();
  letGo();
  await turn();
  letGo();
  expect(await Promise.all(later)).toEqual([30, 40, 50, 60]);
  expect(groups).toEqual([[1, 2], [3, 4, 5], [6]]);
});

test('a bad item fails alone, and everything fails where it is nobody’s fault', async () => {
  const bad = new RangeError('bad');
  const away = new TypeError('away');
  let isAway = false;
  const run = async (items: readonly number[]) => {
    if (isAway) throw away;
    if (items.includes(3)) throw bad;
    return items;
  };
  const grouped = new Grouped({ most: 10, run, isItemsFault: (error) => error === bad });
  const [one, two, three, four] = await Promise.allSettled([1, 2, 3, 4].map((item) => grouped.add(item)));
  expect([one, two, three, four]).toEqual([
    { status: 'fulfilled', value: 1 },
    { status: 'fulfilled', value: 2 },
    { status: 'rejected', reason: bad },
    { status: 'fulfilled', value: 4 },
  ]);
  isAway = true;
  const all = await Promise.allSettled([1, 2].map((item) => grouped.add(item)));
  expect(all).toEqual([
    { status: 'rejected', reason: away },
    { status: 'rejected', reason: away },
  ]);
});

test('a group holds no more than its weight, and nobody twice', async () => {
  const { groups, run, letGo } = heldWork();
  const weight = { of: (item: number) => item, most: 10 };
  const grouped = new Grouped({ most: 9, weight, keyOf: (item) => String(item % 10), run, isItemsFault: () => false });
  const all = [99, 3, 4, 13, 2, 9].map((item) => grouped.add(item));
  for (let round = 0; round < 5; round += 1) {
    await turn();
    letGo();
  }
  await Promise.all(all);
  // 13 is the same as 3, and heavier than what is left beside anything.
  expect(groups).toEqual([[99], [3, 4, 2], [13], [9]]);
});

test('who goes away while it waits is left out, and what was taken is finished', async () => {
  const { groups, run, letGo } = heldWork();
  const grouped = new Grouped({ most: 9, run, isItemsFault: () => false });
  const first = grouped.add(1);
  await turn();
  const leaving = new AbortController();
  const left = expect(grouped.add(2, leaving.signal)).rejects.toThrow('gone');
  const stays = grouped.add(3);
  expect(grouped.waiting).toBe(2);
  leaving.abort(new RangeError('gone'));
  let isIdle = false;
  const idle = grouped.idle().then(() => {
    isIdle = true;
  });
  letGo();
  await first;
  await turn();
  expect(isIdle).toBe(false);
  letGo();
  await Promise.all([left, stays, idle]);
  expect(groups).toEqual([[1], [3]]);
});
