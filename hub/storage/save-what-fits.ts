import { rmSync } from 'node:fs';
import type { Lane } from '../../contract/index.js';
import { Database } from './database.js';
import type { LastRoom } from './last-room.js';
import { Meta } from './meta.js';
import { type SalvageDeps, type Salvaged, salvage } from './salvage.js';
import { storageError } from './storage-error.js';

const COMPANIONS = ['', '-wal', '-shm'] as const;
/** Which lanes are left where they are, from the first try to the last. */
const LEFT: readonly (readonly Lane[])[] = [[], [3], [3, 2], [3, 2, 1], [3, 2, 1, 0]];

/**
 * Saves what the card has room for, once nothing else can be given up for it: lanes that are left in the damaged file are
 * named as lost, the least important first; at worst the new file holds nothing but its epoch.
 * @throws HubError `storage.full`, `storage.failing`
 */
export function saveWhatFits(lastRoom: LastRoom, keep: string, deps: Omit<SalvageDeps, 'left'>): Salvaged {
  for (const left of LEFT) {
    try {
      return lastRoom.during(() => anew(deps.to, () => salvage({ ...deps, left })), keep);
    } catch (error) {
      if (!lastRoom.isOfRoom(error)) throw error;
      deps.log.error({ err: error, left }, 'the card has no room for what can be saved');
    }
  }
  return anew(deps.to, () => beginEmpty(deps));
}

/** What a try before it left behind takes room, and does not belong to this one. */
function anew<T>(path: string, work: () => T): T {
  const clear = () => {
    for (const companion of COMPANIONS) rmSync(`${path}${companion}`, { force: true });
  };
  clear();
  try {
    return work();
  } catch (error) {
    clear();
    throw storageError(error);
  }
}

function beginEmpty({ to, newEpoch, damagedAt }: Omit<SalvageDeps, 'left'>): Salvaged {
  const database = new Database(to);
  try {
    const meta = new Meta(database);
    database.write(() => {
      meta.set('epoch', newEpoch());
      meta.set('damaged_at', damagedAt);
    });
  } finally {
    database.close();
  }
  const nothing = { events: 0, missing: 0, commands: 0, refused: 0, unreadablePages: 0 };
  return { ...nothing, uncounted: [0, 1, 2, 3], knowsEpoch: false };
}
