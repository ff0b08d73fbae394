import { statfs } from 'node:fs/promises';

/** What this process may still write where the folder is, in bytes; null where nobody can tell. */
export async function freeBytes(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}
