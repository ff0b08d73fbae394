import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '../../hardware/index.js';
import { Boot, timestamp } from '../boot.js';
import { Anchors } from './anchors.js';
import { Ballast } from './ballast.js';
import { Binding } from './binding.js';
import { Blobs } from './blobs.js';
import type { Database } from './database.js';
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
import { Reserve } from './reserve.js';
import { Room } from './room.js';
import { StoreHealth } from './store-health.js';
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
  /** Called once when damage is found after the store was opened. The next `openStore` saves what it can. */
  onDamaged?: (what: string) => void;
};

/** Everything that the hub keeps, in one folder. */
export type Store = Awaited<ReturnType<typeof openStore>>;

/**
 * Returns at once, also after a power cut: whether the file is whole is looked at meanwhile, by nobody who is waited for.
 * @throws HubError `storage.newer-file`, `storage.unsafe-setting`, `storage.full`, `storage.failing`
 */
export async function openStore({ dataDir, clock, newId, newEpoch, log, limits = QUEUE_LIMITS, onDamaged }: StoreDeps) {
  mkdirSync(dataDir, { recursive: true });
  const now = () => Math.round(clock.now());
  const path = join(dataDir, 'hub.sqlite');
  const boot = new Boot(newId(), clock);
  const build = (database: Database) => {
    const meta = new Meta(database);
    const isFresh = meta.get('epoch') === undefined;
    const registers = new Registers({ database, boot });
    const outbox = new Outbox({ database, meta, boot, newId, newEpoch, registers, limits });
    return { database, meta, isFresh, registers, outbox, anchors: new Anchors(database) };
  };
  const { opened, salvaged } = await openDatabase(path, build, { nowMs: now(), newEpoch, limits, log });
  const { database, meta, isFresh, registers, outbox, anchors } = opened;
  const ballast = new Ballast({ path: join(dataDir, 'ballast') });
  const reserve = new Reserve({ ballast, database });
  const room = new Room({ database, outbox, ballast: reserve });
  database.onFull((attempt) => room.make(attempt));
  const upkeep = new Upkeep({ database, outbox, ballast: reserve, clock, log });
  if (salvaged !== undefined) meta.set('damaged_at', timestamp(now()));
  const health = new StoreHealth({ path, database, meta, now, log, onDamaged, isFresh });
  health.start();
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
  frames.open();
  assets.open();
  const binding = new Binding(database);
  const leaving = new HouseholdLeaving({ database, meta, inbox, ledger, displays, presentations, frames, assets });
  const localTries = new LocalTries({ database, now });
  const close = async () => {
    await upkeep.stop();
    await health.close();
  };
  const kept = { database, boot, meta, outbox, inbox, displays, presentations, ledger, frames, assets };
  return { ...kept, registers, anchors, ballast, upkeep, binding, leaving, localTries, health, salvaged, close };
}
