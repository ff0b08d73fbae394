import { expect, test } from 'vitest';
import { frameOf } from './frame.js';
import type { PlaneSpec } from './panel-spec.js';
import { planeRows } from './plane-rows.js';

const SIZE = { width: 32, height: 4 };
const frame = frameOf(
  Uint8Array.from({ length: 16 }, (_, at) => at),
  { ...SIZE, inkCount: 2 },
);
const WHOLE = { x: 0, y: 0, ...SIZE };
const SAME: PlaneSpec = { command: 0x10, bitsPerPixel: 1, values: [0, 1] };
const OPPOSITE: PlaneSpec = { command: 0x13, bitsPerPixel: 1, values: [1, 0] };

function pieces(window: typeof WHOLE, maxBytes: number, plane = SAME): number[][] {
  return Array.from(planeRows(frame, window, plane, maxBytes), (piece) => [...piece]);
}

test('a whole frame is cut into pieces that the bus takes', () => {
  expect(pieces(WHOLE, 6)).toEqual([
    [0, 1, 2, 3, 4, 5],
    [6, 7, 8, 9, 10, 11],
    [12, 13, 14, 15],
  ]);
});

test('whole rows are sent from where they lie', () => {
  const [piece] = planeRows(frame, WHOLE, SAME, 64);
  expect(piece?.buffer).toBe(frame.data.buffer);
});

test('a window is gathered row by row, and inverted if the plane wants it', () => {
  const window = { x: 8, y: 1, width: 16, height: 3 };
  expect(pieces(window, 4)).toEqual([
    [5, 6, 9, 10],
    [13, 14],
  ]);
  expect(pieces(window, 64, OPPOSITE)).toEqual([[250, 249, 246, 245, 242, 241]]);
  expect(pieces(window, 3)).toEqual([
    [5, 6, 9],
    [10, 13, 14],
  ]);
});

test('four inks become one bit per plane', () => {
  // Inks 0 1 2 3, 3 2 1 0.
  const greys = frameOf(Uint8Array.of(0b00011011, 0b11100100), { width: 8, height: 1, inkCount: 4 });
  const window = { x: 0, y: 0, width: 8, height: 1 };
  const plane: PlaneSpec = { command: 0x24, bitsPerPixel: 1, values: [1, 0, 1, 0] };
  expect([...planeRows(greys, window, plane, 64)]).toEqual([Uint8Array.of(0b10100101)]);
});

test('the inks of a colour panel are sent by the numbers that its controller has for them', () => {
  const colours = frameOf(Uint8Array.of(0x01, 0x23, 0x45, 0x50), { width: 4, height: 2, inkCount: 6 });
  const right = { x: 2, y: 0, width: 2, height: 2 };
  const plane: PlaneSpec = { command: 0x10, bitsPerPixel: 4, values: [0, 1, 2, 3, 5, 6] };
  expect([...planeRows(colours, right, plane, 64)]).toEqual([Uint8Array.of(0x23, 0x60)]);
});
