import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { test } from '../../test/support/hub-site.js';
import { Blobs } from './blobs.js';

function bytes(value: number): Uint8Array {
  return new Uint8Array(10).fill(value);
}

test('what was put comes back by its hash', async ({ dir }) => {
  const blobs = new Blobs({ folder: dir, limitBytes: 100, now: () => 0 });
  blobs.open();
  const sha256 = await blobs.put(bytes(1));
  expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(await blobs.get(sha256)).toEqual(Buffer.from(bytes(1)));
  expect(await blobs.get('../../etc/passwd')).toBeUndefined();
});

test('a file whose bytes have rotted counts as absent', async ({ dir }) => {
  const blobs = new Blobs({ folder: dir, limitBytes: 100, now: () => 0 });
  blobs.open();
  const sha256 = await blobs.put(bytes(1));
  await writeFile(join(dir, sha256), bytes(2));
  expect(await blobs.get(sha256)).toBeUndefined();
  expect(await blobs.put(bytes(1))).toBe(sha256);
  expect(await blobs.get(sha256)).toEqual(Buffer.from(bytes(1)));
});

test('the least recently used makes room, and what is kept does not', async ({ dir }) => {
  let nowMs = 0;
  const keep = new Set<string>();
  const blobs = new Blobs({ folder: dir, limitBytes: 30, now: () => nowMs, keep: () => keep });
  blobs.open();
  const hashes: string[] = [];
  for (const value of [1, 2, 3]) {
    nowMs += 1000;
    hashes.push(await blobs.put(bytes(value)));
  }
  const [first = '', second = '', third = ''] = hashes;
  keep.add(first);
  nowMs += 1000;
  await blobs.get(second);
  nowMs += 1000;
  const fourth = await blobs.put(bytes(4));
  expect((await readdir(dir)).sort()).toEqual([first, second, fourth].sort());
  expect(await blobs.get(third)).toBeUndefined();
});

test('what an interrupted write left is removed at the next start', async ({ dir }) => {
  await writeFile(join(dir, '.new-1'), 'half');
  new Blobs({ folder: dir, limitBytes: 100, now: () => 0 }).open();
  expect(await readdir(dir)).toEqual([]);
});
