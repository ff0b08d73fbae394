import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { test } from '../../test/support/hub-site.js';
import { Ballast } from './ballast.js';
import { freeBytes } from './free-bytes.js';

const BYTES = 300_000;

test('ballast takes its room on the card, and is gone at once when it is thrown overboard', async ({ dir }) => {
  const path = join(dir, 'ballast');
  const ballast = new Ballast({ path, bytes: BYTES });
  expect(await ballast.restore()).toBe(true);
  const { size, blocks } = statSync(path);
  expect(size).toBe(BYTES);
  expect(blocks * 512).toBeGreaterThanOrEqual(BYTES);
  expect(ballast.release()).toBe(true);
  expect(existsSync(path)).toBe(false);
  expect(ballast.release()).toBe(false);
});

test('ballast comes back only where there is room for more than it', async ({ dir }) => {
  const path = join(dir, 'ballast');
  let free: number | null = BYTES * 2;
  const ballast = new Ballast({ path, bytes: BYTES, freeBytes: async () => free });
  expect(await ballast.restore()).toBe(false);
  free = null;
  expect(await ballast.restore()).toBe(false);
  expect(readdirSync(dir)).toEqual([]);
  free = BYTES * 10;
  expect(await ballast.restore()).toBe(true);
  free = 0;
  expect(await ballast.restore()).toBe(true);
});

test('what a card still takes is told, and nothing is told of a folder that is not there', async ({ dir }) => {
  expect(await freeBytes(dir)).toBeGreaterThan(0);
  expect(await freeBytes(join(dir, 'nowhere'))).toBeNull();
});
