import { idealColours } from '../../frame/inks.js';
import { COLOUR_BYTES, GREY_BYTES, IDEAL, INK_OF, MASK, MASK_SIDE } from '../kernel/layout.js';
import { inksOf } from '../profile.js';
import type { Profile, Tone } from '../profiles.js';
import { fillColourTables } from './colour-tables.js';
import { fillGreyTables } from './grey-tables.js';
import { voidAndCluster } from './void-and-cluster.js';

let mask: Uint16Array | undefined;

/** Computes what a kernel reads of a profile, as it lies in memory. Takes up to a second. */
export function buildTables(profile: Profile, tone: Tone): Uint8Array {
  const tables = new DataView(new ArrayBuffer(profile.kind === 'grey' ? GREY_BYTES : COLOUR_BYTES));
  const inks = inksOf(profile);
  for (const [ink, [red, green, blue]] of idealColours(inks).entries()) {
    tables.setUint8(INK_OF + ink, ink);
    tables.setInt32(IDEAL + ink * 4, (red << 16) | (green << 8) | blue, true);
  }
  mask ??= voidAndCluster(MASK_SIDE);
  for (const [at, rank] of mask.entries()) tables.setUint16(MASK + at * 2, rank, true);
  if (profile.kind === 'grey') fillGreyTables(tables, Object.values(profile.light), tone);
  else fillColourTables(tables, Object.values(profile.colours), tone);
  return new Uint8Array(tables.buffer);
}
