import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FAMILIES, livesOf, liveThrough } from '../support/epd-life.js';

test.each(Object.keys(FAMILIES))(
  'ten thousand lives of panels of the family %s end with the last frame on the glass',
  { timeout: 1_800_000 },
  async (family) => {
    const holds = fc.asyncProperty(livesOf(family), async (life) => {
      expect(await liveThrough(life)).toEqual([]);
    });
    await fc.assert(holds, { numRuns: 10_000 });
  },
);
