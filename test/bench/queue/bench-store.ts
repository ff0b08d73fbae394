import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { v7 } from 'uuid';
import { systemClock } from '../../../hardware/index.js';
import { openStore, type Store } from '../../../hub/storage/store.js';

const ROOMY_BYTES = 1024 * 1024 * 1024;
const lane = { bytes: ROOMY_BYTES, ttlMs: null };
/** Room for what a benchmark puts in, which no hub would keep. */
const LIMITS = { 0: lane, 1: lane, 2: lane, 3: lane };

/** The hub's store in a folder, with its real clock. */
export function openBenchStore(dataDir: string): Promise<Store> {
  return openStore({
    ...{ dataDir, clock: systemClock, limits: LIMITS, newId: () => v7(), log: pino({ level: 'silent' }) },
    newEpoch: () => randomBytes(16).toString('hex'),
  });
}
