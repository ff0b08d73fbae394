import fc from 'fast-check';
import { expect, test } from 'vitest';
import { growInto, shrinkInto, splitByWeight } from './share-out.js';

const amount = fc.nat(10_000);
const weight = fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 1_000, noNaN: true }));
const part = fc.record({ natural: fc.nat(900), least: fc.nat(900) });

function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total + size, 0);
}

test('shares are whole numbers whose sum is exact, each within one of its due', () => {
  fc.assert(
    fc.property(amount, fc.array(weight, { minLength: 1, maxLength: 40 }), (whole, weights) => {
      const shares = splitByWeight(whole, weights);
      const total = sum(weights);
      expect(sum(shares)).toBe(total === 0 ? 0 : whole);
      for (const [at, share] of shares.entries()) {
        expect(Number.isInteger(share)).toBe(true);
        expect(share).toBeGreaterThanOrEqual(0);
        if (total > 0) expect(Math.abs(share - (whole * (weights[at] ?? 0)) / total)).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test('whoever grows gets at least his floor where the floors fit, and nothing is left over', () => {
  const grower = fc.record({ grow: fc.double({ min: 0.1, max: 9, noNaN: true }), floor: fc.nat(300) });
  fc.assert(
    fc.property(amount, fc.array(grower, { minLength: 1, maxLength: 12 }), (left, growers) => {
      fc.pre(sum(growers.map(({ floor }) => floor)) <= left);
      const sizes = growInto(left, growers);
      expect(sum(sizes)).toBe(left);
      for (const [at, size] of sizes.entries()) expect(size).toBeGreaterThanOrEqual(growers[at]?.floor ?? 0);
    }),
  );
});

test('what is shrunk fits, nobody grows, and nobody falls under his need as long as the needs fit', () => {
  fc.assert(
    fc.property(amount, fc.array(part, { maxLength: 30 }), (room, parts) => {
      const sizes = shrinkInto(room, parts);
      expect(sum(sizes)).toBe(Math.min(room, sum(parts.map(({ natural }) => natural))));
      const needs = parts.map(({ natural, least }) => Math.min(natural, least));
      for (const [at, size] of sizes.entries()) {
        expect(size).toBeLessThanOrEqual(parts[at]?.natural ?? 0);
        if (sum(needs) <= room) expect(size).toBeGreaterThanOrEqual(needs[at] ?? 0);
      }
    }),
  );
});
