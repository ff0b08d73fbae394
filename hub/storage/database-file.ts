import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Logger } from 'pino';
import { HubError } from '../errors.js';
import { Database } from './database.js';
import { migrations } from './migrations/index.js';
import type { QueueLimits } from './queue-limits.js';

const COMPANIONS = ['', '-wal', '-shm'] as const;

/**
 * Opens the database; a damaged one is set aside, and a new one, with a new epoch, takes its place.
 * @throws HubError `storage.newer-file`, `storage.unsafe-setting`, `storage.full`, `storage.failing`
 */
export async function openDatabase(
  path: string,
  { nowMs, limits, log }: { nowMs: number; limits: QueueLimits; log: Logger },
): Promise<{ database: Database; damaged: boolean }> {
  try {
    return { database: new Database(path, migrations, limits), damaged: false };
  } catch (error) {
    if (!(error instanceof HubError) || error.code !== 'storage.damaged') throw error;
    const kept = await setAside(path, nowMs);
    log.error({ err: error, kept }, 'the database is damaged: it is set aside, and the hub begins a new one');
    return { database: new Database(path, migrations, limits), damaged: true };
  }
}

/** Keeps the last one only, for whoever wants to read what is left in it. */
async function setAside(path: string, nowMs: number): Promise<string> {
  const folder = dirname(path);
  const prefix = `${basename(path)}.damaged-`;
  for (const name of await readdir(folder)) {
    if (name.startsWith(prefix)) await rm(join(folder, name), { force: true });
  }
  const kept = join(folder, `${prefix}${nowMs}`);
  for (const companion of COMPANIONS) {
    // Not every file has its companions, and a log that belongs to another file would be poison for the new one.
    await rename(`${path}${companion}`, `${kept}${companion}`).catch(() => undefined);
  }
  return kept;
}
