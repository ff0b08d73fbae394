import fc from 'fast-check';
import { expect, test } from 'vitest';
import { difference } from './difference.js';
import { type Frame, frameOf, rowBytes } from './frame.js';

const SIZE = { width: 20, height: 5 };
const INK_COUNTS = [2, 4, 7] as const;

function bitsOf(frame: Frame, x: number, y: number): number {
  const { bitsPerPixel, data, width } = frame;
  const bit = x * bitsPerPixel;
  const byte = data[y * rowBytes(width, bitsPerPixel) + (bit >> 3)] ?? 0;
  return (byte >> (8 - bitsPerPixel - (bit & 7))) & ((1 << bitsPerPixel) - 1);
}

test('no pixel differs outside the window, every edge of it touches one, and the pixels are counted', () => {
  const frames = fc.constantFrom(...INK_COUNTS).chain((inkCount) => {
    const bits = inkCount === 2 ? 1 : inkCount === 4 ? 2 : 4;
    const bytes = rowBytes(SIZE.width, bits) * SIZE.height;
    // Few set bytes, so that windows are smaller than the frame; the padding of a row stays clear.
    const changes = fc.dictionary(fc.nat(bytes - 1).map(String), fc.nat(255), { maxKeys: 3 });
    return changes.map((change) => {
      const before = new Uint8Array(bytes);
      const after = Uint8Array.from(before);
      const stride = rowBytes(SIZE.width, bits);
      for (const [at, value] of Object.entries(change)) {
        const isLast = Number(at) % stride === stride - 1;
        after[Number(at)] = isLast && bits === 1 ? value & 0xf0 : value;
      }
      return [frameOf(before, { ...SIZE, inkCount }), frameOf(after, { ...SIZE, inkCount })] as const;
    });
  });
  fc.assert(
    fc.property(frames, ([before, after]) => {
      const changed: [number, number][] = [];
      for (let y = 0; y < SIZE.height; y += 1) {
        for (let x = 0; x < SIZE.width; x += 1) if (bitsOf(before, x, y) !== bitsOf(after, x, y)) changed.push([x, y]);
      }
      const found = difference(before, after);
      expect(found?.changedPixels ?? 0).toBe(changed.length);
      if (found === undefined) return;
      const perByte = 8 / after.bitsPerPixel;
      const { x, y, width, height } = found.window;
      const columns = changed.map(([column]) => column);
      const rows = changed.map(([, row]) => row);
      expect(x).toBe(Math.floor(Math.min(...columns) / perByte) * perByte);
      expect(x + width).toBe(Math.min(Math.ceil((Math.max(...columns) + 1) / perByte) * perByte, SIZE.width));
      expect([y, y + height - 1]).toEqual([Math.min(...rows), Math.max(...rows)]);
    }),
  );
});
