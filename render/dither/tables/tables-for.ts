import type { Profile, Tone } from '../profiles.js';
import { readTables } from './stored-tables.js';

/** A household has a panel or two; a table takes 0.25 MB at most. */
const MOST_KEPT = 4;

const kept = new Map<string, Uint8Array>();

/** What a kernel reads of the profile: as the build computed it, or, where it did not, computed now and once. */
export async function tablesFor(profile: Profile, tone: Tone): Promise<Uint8Array> {
  const name = `${profile.id}.${tone}`;
  const known = kept.get(name);
  if (known !== undefined) return known;
  const tables = readTables(profile, tone) ?? (await computed(profile, tone));
  const [oldest] = kept.keys();
  if (oldest !== undefined && kept.size >= MOST_KEPT) kept.delete(oldest);
  kept.set(name, tables);
  return tables;
}

async function computed(profile: Profile, tone: Tone): Promise<Uint8Array> {
  const { buildTables } = await import('./build-tables.js');
  return buildTables(profile, tone);
}
