import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { Profile, Tone } from '../profiles.js';

/** SHA-256 of what the tables were computed from. */
const MARK_BYTES = 32;

const IS_SOURCE = import.meta.url.endsWith('.ts');
/** Where the build lays the tables; from source they are those of the last build. */
export const TABLES_DIR = new URL(IS_SOURCE ? '../../../dist/render/dither/tables/' : './', import.meta.url);

export function tablesFile(profile: Profile, tone: Tone): URL {
  return new URL(`${profile.id}.${tone}.bin`, TABLES_DIR);
}

/** Tables as a file: what they come from, then they. */
export function storedTables(tables: Uint8Array, profile: Profile, tone: Tone): Uint8Array {
  return Buffer.concat([markOf(profile, tone), tables]);
}

/** The tables that the build computed; undefined if there are none, or if they are of another profile than this. */
export function readTables(profile: Profile, tone: Tone): Uint8Array | undefined {
  const file = tablesFile(profile, tone);
  if (!existsSync(file)) return undefined;
  const bytes = readFileSync(file);
  if (Buffer.compare(bytes.subarray(0, MARK_BYTES), markOf(profile, tone)) !== 0) return undefined;
  return bytes.subarray(MARK_BYTES);
}

function markOf({ source: _, ...profile }: Profile, tone: Tone): Buffer {
  return createHash('sha256')
    .update(JSON.stringify({ ...profile, tone }))
    .digest();
}
