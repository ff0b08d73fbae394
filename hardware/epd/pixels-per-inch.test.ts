import { expect, test } from 'vitest';
import { PANELS } from './panels.js';
import { pixelsPerInch } from './pixels-per-inch.js';

test.each(Object.entries(PANELS))('the pixels of %s lie as dense as those of e-paper do', (_, spec) => {
  expect(pixelsPerInch(spec)).toBeGreaterThan(110);
  expect(pixelsPerInch(spec)).toBeLessThan(190);
});

test('a 7.5" panel of 800 x 480 has 124 pixels an inch', () => {
  expect(pixelsPerInch(PANELS['7in5_V2'])).toBeCloseTo(124.4, 1);
});
