import { expect, test } from 'vitest';
import { packFrame } from './pack.js';
import { bytesInPacking, PACKINGS, type PackingName } from './packings.js';

test.each([
  ['mono', [0b0101_0101, 0b0000_0000]],
  ['g4', [0b00_01_10_11, 0b00_01_10_11, 0b00_00_00_00]],
  ['c6', [0x01, 0x23, 0x56, 0x01, 0x20]],
] as const)('%s writes each ink as its number, and leaves the rest of a row zero', (name: PackingName, bytes) => {
  const { inks } = PACKINGS[name];
  const indexes = Uint8Array.from({ length: 9 }, (_, at) => at % inks.length);
  expect([...bytesInPacking(packFrame(indexes, 9, 1, inks.length), name)]).toEqual([...bytes]);
});

test('a frame in other inks is not taken', () => {
  const frame = packFrame(new Uint8Array(64), 8, 8, 2);
  expect(() => bytesInPacking(frame, 'c6')).toThrow('1 bits are not c6');
  expect(() => bytesInPacking(packFrame(new Uint8Array(64), 8, 8, 6), 'g4')).toThrow('4 bits are not g4');
});
