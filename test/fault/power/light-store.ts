import { join } from 'node:path';
import { pino } from 'pino';
import { v7 } from 'uuid';
import { systemClock } from '../../../hardware/linux/clock.js';
import { Boot } from '../../../hub/boot.js';
import type { Database } from '../../../hub/storage/database.js';
import { type Opened, openDatabase } from '../../../hub/storage/database-file.js';
import { Meta } from '../../../hub/storage/meta.js';
import { Outbox } from '../../../hub/storage/outbox.js';
import { QUEUE_LIMITS } from '../../../hub/storage/queue-limits.js';
import { Registers } from '../../../hub/storage/registers.js';

export type LightStore = { database: Database; outbox: Outbox; registers: Registers };

const SILENT = pino({ level: 'silent' });
const newEpoch = () => v7().replaceAll('-', '');

/** The queue of a store, opened as the store opens it, without all that hangs on it. */
export function openLight(dir: string): Promise<Opened<LightStore>> {
  const boot = new Boot(v7(), systemClock);
  const build = (database: Database) => {
    const registers = new Registers({ database, boot });
    const deps = { database, meta: new Meta(database), boot, newId: () => v7(), newEpoch, registers };
    return { database, registers, outbox: new Outbox(deps) };
  };
  return openDatabase(join(dir, 'hub.sqlite'), build, { nowMs: 1, newEpoch, limits: QUEUE_LIMITS, log: SILENT });
}
