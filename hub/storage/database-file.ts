import { existsSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Logger } from 'pino';
import { HubError } from '../errors.js';
import { DamageMark, type Mark, syncFolder } from './damage-mark.js';
import { Database } from './database.js';
import { migrations } from './migrations/index.js';
import type { QueueLimits } from './queue-limits.js';
import { type Salvaged, salvage } from './salvage.js';
import { storageError } from './storage-error.js';

const COMPANIONS = ['', '-wal', '-shm'] as const;

type OpenDeps = { nowMs: number; newEpoch: () => string; limits: QueueLimits; log: Logger };

/** What `build` made of the database, and what was saved if it had to be made anew. */
export type Opened<T> = { opened: T; salvaged: Salvaged | undefined };

/**
 * Opens the database, and reads in it what `build` wants to know. A damaged one is set aside, and what can be read of it is
 * saved into a new one with a new epoch. A stop at any point of that is made good at the next start.
 * @throws HubError `storage.newer-file`, `storage.unsafe-setting`, `storage.full`, `storage.failing`
 */
export async function openDatabase<T>(
  path: string,
  build: (database: Database) => T,
  deps: OpenDeps,
): Promise<Opened<T>> {
  const mark = new DamageMark(path);
  const known = mark.read();
  if (known === undefined) {
    try {
      return { opened: built(path, build, deps.limits), salvaged: undefined };
    } catch (error) {
      if (!(error instanceof HubError) || error.code !== 'storage.damaged') throw error;
      mark.set(error.message, deps.nowMs);
    }
  }
  const salvaged = await replaceDamaged(path, mark.read() ?? mark.set('damaged', deps.nowMs), deps);
  mark.clear();
  return { opened: built(path, build, deps.limits), salvaged };
}

function built<T>(path: string, build: (database: Database) => T, limits: QueueLimits): T {
  const database = new Database(path, migrations, limits);
  try {
    return build(database);
  } catch (error) {
    database.close();
    throw storageError(error);
  }
}

/** Every step may have been done by a start before this one that did not come to its end. */
async function replaceDamaged(
  path: string,
  { keptAs, what }: Mark,
  { nowMs: atMs, newEpoch, log }: OpenDeps,
): Promise<Salvaged> {
  const folder = dirname(path);
  const kept = join(folder, keptAs);
  log.error({ what, kept }, 'the database is damaged: it is set aside, and the hub begins a new one');
  await removeOthers(folder, `${basename(path)}.damaged-`, keptAs);
  await setAside(path, kept);
  const fresh = `${path}.salvage`;
  for (const companion of COMPANIONS) await rm(`${fresh}${companion}`, { force: true });
  const salvaged = saved({ from: kept, to: fresh, atMs, newEpoch, log });
  await rename(fresh, path);
  syncFolder(folder);
  return salvaged;
}

/** Keeps the last one only, for whoever wants to read what is left in it. */
async function removeOthers(folder: string, prefix: string, keptAs: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(prefix) && !name.startsWith(keptAs)) await rm(join(folder, name), { force: true });
  }
}

async function setAside(path: string, kept: string): Promise<void> {
  // One that is there already came from a start that stopped after this, and what is at `path` was made from it.
  if (!existsSync(kept)) await rename(path, kept);
  // Not every file has its companions, and a log that belongs to another file would be poison for the new one.
  if (existsSync(`${path}-wal`)) await rename(`${path}-wal`, `${kept}-wal`);
  await rm(`${path}-shm`, { force: true });
  syncFolder(dirname(path));
}

function saved(what: Parameters<typeof salvage>[0]): Salvaged {
  try {
    return salvage(what);
  } catch (error) {
    throw storageError(error);
  }
}
