import { statfs } from 'node:fs/promises';

/** What the file system of a folder still takes from an ordinary process; null where it cannot be told. */
export async function freeBytesAt(folder: string): Promise<number | null> {
  const room = await statfs(folder).catch(() => undefined);
  return room === undefined ? null : room.bavail * room.bsize;
}
