import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A file that no live upload or drawing can still be writing. */
const OLD_MS = 60 * 60 * 1000;

/** Removes what a process that was killed in the middle of writing left in a folder; `isLeftover` judges names. */
export async function removeLeftovers(
  folder: string,
  { nowMs, isLeftover }: { nowMs: number; isLeftover: (name: string) => boolean },
): Promise<void> {
  for (const name of await namesIn(folder)) {
    if (!isLeftover(name)) continue;
    const path = join(folder, name);
    const { mtimeMs } = await stat(path);
    if (nowMs - mtimeMs > OLD_MS) await rm(path, { force: true });
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
