import assert from 'node:assert';
import type { Frame } from '../../hardware/index.js';
import { bitsFor } from './pack.js';

/** Inks in the order of their index, and the number that stands for each in the bytes. */
type Packing = { inks: readonly string[]; codes: readonly number[] };

/** Ways to pack pixels that drivers and tools of other people take, whatever panel they are for. */
export const PACKINGS = {
  /** One bit: 0 black, 1 white. */
  mono: { inks: ['black', 'white'], codes: [0, 1] },
  /** Two bits: 0 black to 3 white. */
  g4: { inks: ['black', 'dark-grey', 'light-grey', 'white'], codes: [0, 1, 2, 3] },
  /** Four bits: the numbers of a Spectra 6 controller, which has no 4. */
  c6: { inks: ['black', 'white', 'yellow', 'red', 'blue', 'green'], codes: [0, 1, 2, 3, 5, 6] },
} as const satisfies Record<string, Packing>;

export type PackingName = keyof typeof PACKINGS;

/** The bytes of a frame that was drawn in the inks of the packing, each ink as the packing writes it. */
export function bytesInPacking({ data, bitsPerPixel }: Frame, name: PackingName): Uint8Array {
  const codes: readonly number[] = PACKINGS[name].codes;
  assert(bitsFor(codes.length) === bitsPerPixel, `${bitsPerPixel} bits are not ${name}`);
  const most = (1 << bitsPerPixel) - 1;
  const table = Uint8Array.from({ length: 256 }, (_, byte) => {
    let packed = 0;
    for (let shift = 0; shift < 8; shift += bitsPerPixel) packed |= (codes[(byte >> shift) & most] ?? 0) << shift;
    return packed;
  });
  return data.map((byte) => table[byte] ?? 0);
}
