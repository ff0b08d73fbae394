import { expect, test } from 'vitest';
import { leastLegiblePx } from './least-legible.js';

test.each([
  // 7.5", 800 x 480: 16 minutes of arc at half a metre are 2.33 mm, the size to it 3.2 mm.
  [124, 500, 16],
  [124, 1_000, 32],
  // 2.13", held in the hand.
  [130, 300, 10],
  // 13.3", 1600 x 1200, across the room.
  [150, 2_000, 76],
])('on %i pixels an inch from %i mm letters have %i pixels at least', (ppi, distanceMm, leastPx) => {
  expect(leastLegiblePx({ ppi }, distanceMm)).toBe(leastPx);
});
