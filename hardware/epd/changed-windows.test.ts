import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bounds, changedWindows } from './changed-windows.js';
import { type Frame, frameOf } from './frame.js';

const SIZE = { width: 800, height: 480 };
const WHITE = frameOf(new Uint8Array(48_000).fill(0xff), { ...SIZE, inkCount: 2 });
const COST = { bytesPerWindow: 60, most: 8 };

function changed(...bytes: number[]): Frame {
  const data = Uint8Array.from(WHITE.data);
  for (const at of bytes) data[at] = 0;
  return frameOf(data, { ...SIZE, inkCount: 2 });
}

test('two far changes are two windows, two near ones are one', () => {
  expect(changedWindows(WHITE, changed(0, 47_999), COST)).toEqual([
    { x: 0, y: 0, width: 8, height: 1 },
    { x: 792, y: 479, width: 8, height: 1 },
  ]);
  expect(changedWindows(WHITE, changed(0, 104), COST)).toEqual([{ x: 0, y: 0, width: 40, height: 2 }]);
});

test('where only one window may be, it holds them all', () => {
  const all = changedWindows(WHITE, changed(0, 47_999), { ...COST, most: 1 });
  expect(all).toEqual([{ x: 0, y: 0, ...SIZE }]);
  expect(bounds(changedWindows(WHITE, changed(0, 47_999), COST))).toEqual(all[0]);
});

test('the same picture has no windows', () => {
  expect(changedWindows(WHITE, WHITE, COST)).toEqual([]);
  expect(changedWindows(WHITE, { ...changed(), sha256: 'another' }, COST)).toEqual([]);
  expect(bounds([])).toBeUndefined();
});

test('noise is a few windows, and never more than there may be', () => {
  const data = Uint8Array.from({ length: 48_000 }, (_, at) => (at * 7_919) % 251);
  const noise = frameOf(data, { ...SIZE, inkCount: 2 });
  expect(changedWindows(WHITE, noise, COST).length).toBeLessThanOrEqual(COST.most);
});

test('whatever differs lies in a window, on whole bytes, inside the frame', () => {
  const SMALL = { width: 122, height: 20 };
  const frames = fc.array(fc.tuple(fc.nat(16 * 20 - 1), fc.integer({ min: 1, max: 255 })), { maxLength: 40 });
  fc.assert(
    fc.property(frames, fc.nat(50), fc.integer({ min: 1, max: 6 }), (changes, bytesPerWindow, most) => {
      const data = new Uint8Array(16 * 20);
      for (const [at, value] of changes) data[at] = value;
      const before = frameOf(new Uint8Array(16 * 20), { ...SMALL, inkCount: 2 });
      const windows = changedWindows(before, frameOf(data, { ...SMALL, inkCount: 2 }), { bytesPerWindow, most });
      expect(windows.length).toBeLessThanOrEqual(most);
      for (const { x, y, width, height } of windows) {
        expect(x % 8).toBe(0);
        expect(width % 8 === 0 || x + width === 122).toBe(true);
        expect(x + width <= 122 && y + height <= 20 && width > 0 && height > 0).toBe(true);
      }
      for (const [at, value] of data.entries()) {
        if (value === 0) continue;
        const [x, y] = [(at % 16) * 8, Math.floor(at / 16)];
        const inside = windows.some((w) => x >= w.x && x < w.x + w.width && y >= w.y && y < w.y + w.height);
        expect(inside).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});
