import { expect, test } from 'vitest';
import { frameOf } from './frame.js';
import { packedRows } from './packed-rows.js';

const SIZE = { width: 32, height: 4 };
const frame = frameOf(
  Uint8Array.from({ length: 16 }, (_, at) => at),
  { ...SIZE, inkCount: 2 },
);
const WHOLE = { x: 0, y: 0, ...SIZE };

function pieces(window: typeof WHOLE, maxBytes: number, invert = false): number[][] {
  return Array.from(packedRows(frame, window, { maxBytes, invert }), (piece) => [...piece]);
}

test('a whole frame is cut into pieces that the bus takes', () => {
  expect(pieces(WHOLE, 6)).toEqual([
    [0, 1, 2, 3, 4, 5],
    [6, 7, 8, 9, 10, 11],
    [12, 13, 14, 15],
  ]);
});

test('whole rows are sent from where they lie', () => {
  const [piece] = packedRows(frame, WHOLE, { maxBytes: 64, invert: false });
  expect(piece?.buffer).toBe(frame.data.buffer);
});

test('a window is gathered row by row, and inverted if that is asked for', () => {
  const window = { x: 8, y: 1, width: 16, height: 3 };
  expect(pieces(window, 4)).toEqual([
    [5, 6, 9, 10],
    [13, 14],
  ]);
  expect(pieces(window, 64, true)).toEqual([[250, 249, 246, 245, 242, 241]]);
});
