import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '../../hardware/index.js';
import { Boot, timestamp } from '../boot.js';
import { Anchors } from './anchors.js';
import { Ballast } from './ballast.js';
import { Binding } from './binding.js';
import { Blobs } from './blobs.js';
import { openDatabase } from './database-file.js';
import { Displays } from './displays.js';
import { HouseholdLeaving } from './household-leaving.js';
import { Inbox } from './inbox.js';
import { Ledger } from './ledger.js';
import { LocalTries } from './local-tries.js';
import { Meta } from './meta.js';
import { Outbox } from './outbox.js';
import { Presentations } from './presentations.js';
import { QUEUE_LIMITS, type QueueLimits } from './queue-limits.js';
import { Registers } from './registers.js';
import { Room } from './room.js';
import { Upkeep } from './upkeep.js';

const FRAMES_LIMIT_BYTES = 32 * 1024 * 1024;
const ASSETS_LIMIT_BYTES = 256 * 1024 * 1024;

export type StoreDeps = {
  dataDir: string;
  clock: Clock;
  newId: () => string;
  newEpoch: () => string;
  log: Logger;
  limits?: QueueLimits;
};

/** Everything that the hub keeps, in one folder. */
export type Store = Awaited<ReturnType<typeof openStore>>;

/** @throws HubError `storage.newer-file`, `storage.unsafe-setting`, `storage.full`, `storage.failing` */
export async function openStore({ dataDir, clock, newId, newEpoch, log, limits = QUEUE_LIMITS }: StoreDeps) {
  await mkdir(dataDir, { recursive: true });
  const now = () => Math.round(clock.now());
  const { database, damaged } = await openDatabase(join(dataDir, 'hub.sqlite'), { nowMs: now(), limits, log });
  const boot = new Boot(newId(), clock);
  const meta = new Meta(database);
  if (damaged) meta.set('damaged_at', timestamp(now()));
  const registers = new Registers({ database, boot });
  const outbox = new Outbox({ database, meta, boot, newId, newEpoch, registers, limits });
  const anchors = new Anchors(database);
  const ballast = new Ballast({ path: join(dataDir, 'ballast') });
  const room = new Room({ database, outbox, ballast });
  database.onFull((attempt) => room.make(attempt));
  const upkeep = new Upkeep({ database, outbox, ballast, clock, log });
  const inbox = new Inbox({ database, meta, boot });
  const displays = new Displays(database);
  const presentations = new Presentations(database);
  const ledger = new Ledger({ database, outbox, inbox, displays, presentations, now });
  const frames = new Blobs({
    folder: join(dataDir, 'frames'),
    limitBytes: FRAMES_LIMIT_BYTES,
    now,
    keep: () => displays.frames(),
  });
  const assets = new Blobs({ folder: join(dataDir, 'assets'), limitBytes: ASSETS_LIMIT_BYTES, now });
  await Promise.all([frames.open(), assets.open()]);
  const binding = new Binding(database);
  const leaving = new HouseholdLeaving({ database, meta, inbox, ledger, displays, presentations, frames, assets });
  const localTries = new LocalTries({ database, now });
  const kept = { database, boot, meta, outbox, inbox, displays, presentations, ledger, frames, assets };
  return { ...kept, registers, anchors, upkeep, binding, leaving, localTries };
}
