import { expect } from 'vitest';
import { test } from '../../test/support/hub-site.js';
import { Reserve } from './reserve.js';

test('with the ballast gone the file keeps its size, until the ballast is back', async ({ store }) => {
  const { database } = store;
  const before = database.growthPages();
  let isThereRoom = false;
  const ballast = { isKept: async () => true, release: () => true, restore: async () => isThereRoom };
  const reserve = new Reserve({ ballast, database });
  expect(reserve.release()).toBe(true);
  expect(database.growthPages()).toBeLessThan(20);
  await reserve.restore();
  expect(database.growthPages()).toBeLessThan(20);
  isThereRoom = true;
  await reserve.restore();
  expect(database.growthPages()).toBe(before);
});

test('without ballast to throw off, the file may grow as before', ({ store }) => {
  const { database } = store;
  const before = database.growthPages();
  const reserve = new Reserve({
    ballast: { release: () => false, restore: async () => false, isKept: async () => false },
    database,
  });
  expect(reserve.release()).toBe(false);
  expect(database.growthPages()).toBe(before);
});
