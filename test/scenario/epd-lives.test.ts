import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FAMILIES, livesOf, liveThrough } from '../support/epd-life.js';

test.each(Object.keys(FAMILIES))(
  'whatever frames come to a panel of the family %s, the glass ends up with the last, and no rule is broken',
  async (family) => {
    const holds = fc.asyncProperty(livesOf(family), async (life) => {
      expect(await liveThrough(life)).toEqual([]);
    });
    await fc.assert(holds, { numRuns: 300 });
  },
);
