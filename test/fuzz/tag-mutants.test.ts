import { expect, test } from 'vitest';
import { fatesOfMutants } from '../support/tag-mutants.js';

test('300 damaged tags are refused by a code, or read right', async () => {
  const fates = await fatesOfMutants(300, 1);
  // Damage of every kind was among them, and some that does not matter.
  expect([...fates.keys()]).toEqual(
    expect.arrayContaining(['ndef.malformed', 'ndef.too-long', 'tag.wrong-signature', '00112233445566778899']),
  );
});
