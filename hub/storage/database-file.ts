import { existsSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Logger } from 'pino';
import { timestamp } from '../boot.js';
import { HubError } from '../errors.js';
import { DamageMark, type Mark, syncFolder } from './damage-mark.js';
import { Database } from './database.js';
import { LastRoom } from './last-room.js';
import { migrations } from './migrations/index.js';
import type { QueueLimits } from './queue-limits.js';
import type { Salvaged } from './salvage.js';
import { saveWhatFits } from './save-what-fits.js';
import { storageError } from './storage-error.js';

type OpenDeps = {
  nowMs: number;
  newEpoch: () => string;
  limits: QueueLimits;
  /** What there is to give up on a card that is full. */
  lastRoom?: LastRoom;
  log: Logger;
};

/** What `build` made of the database, and what was saved if it had to be made anew. */
export type Opened<T> = { opened: T; salvaged: Salvaged | undefined };

/**
 * Opens the database, and reads in it what `build` wants to know. A damaged one is set aside, and what can be read of it is
 * saved into a new one with a new epoch. A stop at any point of that is made good at the next start, and a card that is
 * full does not keep it from opening as long as there is something to give up.
 * @throws HubError `storage.newer-file`, `storage.unsafe-setting`, `storage.full`, `storage.failing`
 */
export async function openDatabase<T>(
  path: string,
  build: (database: Database) => T,
  deps: OpenDeps,
): Promise<Opened<T>> {
  const { nowMs, limits, lastRoom = new LastRoom({ path }) } = deps;
  const mark = new DamageMark(path);
  const open = () => lastRoom.during(() => built(path, build, limits));
  let known = lastRoom.during(() => mark.read(nowMs), basename(path));
  if (known === undefined) {
    try {
      return { opened: open(), salvaged: undefined };
    } catch (error) {
      if (!(error instanceof HubError) || error.code !== 'storage.damaged') throw error;
      known = lastRoom.during(() => mark.set(error.message, nowMs));
    }
  }
  const salvaged = replaceDamaged(path, known, { ...deps, lastRoom });
  mark.clear();
  return { opened: open(), salvaged };
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
function replaceDamaged(path: string, { keptAs, what }: Mark, deps: OpenDeps & { lastRoom: LastRoom }) {
  const { newEpoch, nowMs, lastRoom, log } = deps;
  const folder = dirname(path);
  const from = join(folder, keptAs);
  log.error({ what, kept: from }, 'the database is damaged: it is set aside, and the hub begins a new one');
  if (!setAside(path, from)) {
    log.error({ path }, 'nothing is there that could be saved');
    return undefined;
  }
  const to = `${path}.salvage`;
  const salvaged = saveWhatFits(lastRoom, keptAs, { from, to, newEpoch, damagedAt: timestamp(nowMs), log });
  renameSync(to, path);
  syncFolder(folder);
  // Only the last one stays, for whoever wants to read what is left in it; before, another one may have been all there was.
  lastRoom.removeDamaged(keptAs);
  return salvaged;
}

/** False: neither is there. */
function setAside(path: string, kept: string): boolean {
  // One that is there already came from a start that stopped after this, and what is at `path` was made from it.
  if (!existsSync(kept)) {
    if (!existsSync(path)) return false;
    renameSync(path, kept);
  }
  // Not every file has its companions, and a log that belongs to another file would be poison for the new one.
  if (existsSync(`${path}-wal`)) renameSync(`${path}-wal`, `${kept}-wal`);
  rmSync(`${path}-shm`, { force: true });
  syncFolder(dirname(path));
  return true;
}
