import { packIndexes, unpackFrame } from '../../frame/pack.js';
import type { PackedRows } from '../../frame/packed-rows.js';
import type { Picture } from '../../picture/picture.js';
import { AIM_BITS, BLUE, CURVE, FULL_LIGHT, GREEN, LEVEL_LIGHT, RED } from '../kernel/layout.js';
import { searchGrey } from './search-grey.js';

/** What the pass over the same picture worked by. */
export type Worked = {
  /** Those of greys. */
  tables: Uint8Array;
  /** For each ink of the tables, its index in the frame. */
  inkOrder: readonly number[];
};

/**
 * The rows of a picture in greys, searched for a pattern that the eye sees less of.
 * @throws the reason of the signal, some milliseconds after it aborts
 */
export async function refine(
  { width, height, rgb }: Picture,
  rows: PackedRows,
  { tables, inkOrder }: Worked,
  signal?: AbortSignal,
): Promise<PackedRows> {
  const words = new DataView(tables.buffer, tables.byteOffset, tables.byteLength);
  const lights: number[] = [];
  for (const [level, ink] of inkOrder.entries())
    lights[ink] = words.getInt32(LEVEL_LIGHT + level * 4, true) / FULL_LIGHT;
  const pattern = { width, height, aims: aimsOf(rgb, words), lights, levels: unpackFrame(rows) };
  const data = packIndexes(await searchGrey(pattern, signal), width, height, rows.bitsPerPixel);
  return { ...rows, data };
}

/** The light that each pixel should have, as the pass reckons it. */
function aimsOf(rgb: Uint8Array, words: DataView): Float32Array {
  const tableAt = (at: number, length: number) =>
    Int32Array.from({ length }, (_, step) => words.getInt32(at + step * 4, true));
  const [red, green, blue] = [tableAt(RED, 256), tableAt(GREEN, 256), tableAt(BLUE, 256)];
  const aims = new Float32Array(rgb.length / 3);
  for (let at = 0; at < aims.length; at += 1) {
    const light = (red[rgb[at * 3] ?? 0] ?? 0) + (green[rgb[at * 3 + 1] ?? 0] ?? 0) + (blue[rgb[at * 3 + 2] ?? 0] ?? 0);
    aims[at] = (words.getInt32(CURVE + (light & -4), true) & ((1 << AIM_BITS) - 1)) / FULL_LIGHT;
  }
  return aims;
}
