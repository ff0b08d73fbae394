import { expect, test } from 'vitest';
import { fatesOfMutants } from '../support/tag-mutants.js';

test('10,000 damaged tags are refused by a code, or read right', async () => {
  const fates = await fatesOfMutants(10_000, 2);
  expect([...fates.values()].reduce((sum, count) => sum + count, 0)).toBe(10_000);
  expect([...fates.keys()]).toEqual(
    expect.arrayContaining(['ndef.malformed', 'ndef.too-long', 'ndef.unsupported', 'tag.wrong-signature']),
  );
});
