import { expect, test } from 'vitest';
import { AssetReader } from './read-contents.js';

test('text files are read until a page is full, and no further', async () => {
  const asked: string[] = [];
  const reader = new AssetReader({
    read: async (sha256) => {
      asked.push(sha256);
      return Buffer.from(sha256.repeat(15_000));
    },
  });
  const file = (sha256: string) => ({
    ...{ householdId: 'h', contentId: 'c', assetIndex: 0, type: 'file' as const, text: null, url: null, filename: 'a' },
    ...{ contentType: 'text/plain', sizeBytes: 1, uploadState: 'uploaded' as const, sha256, problem: null },
  });
  const lengths: (number | undefined)[] = [];
  for (const name of ['a', 'b', 'c']) lengths.push((await reader.read(file(name))).text?.length);
  expect(lengths).toEqual([15_000, 5_001, undefined]);
  expect(asked).toEqual(['a', 'b']);
});
