import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'drizzle-orm';
import { asSystem } from '../../../cloud-api/database/database.js';
import { built } from '../../../device-sim/household/built.js';
import { ProductProcess } from '../../../device-sim/household/product-process.js';
import { systemClock } from '../../../hardware/index.js';
import { type SeededDatabase, seedHubs } from '../../support/seeded-database.js';
import type { BenchHub } from './bench-hub.js';

const STOP_LIMIT_MS = 20_000;

/** The cloud in a process of its own on a PostgreSQL, which knows some hubs. */
export type BenchCloud = {
  readonly url: string;
  readonly hubs: readonly BenchHub[];
  /** Of the process's life so far, in KiB. */
  peakKib(): Promise<number>;
  rssKib(): Promise<number>;
  stop(): Promise<void>;
};

export async function startBenchCloud(database: SeededDatabase, hubs: number): Promise<BenchCloud> {
  const dir = await mkdtemp(path.join(tmpdir(), 'inklet-bench-cloud-'));
  const run = `q${Math.floor(performance.now())}-`;
  const things = await seedHubs(database.db, run, hubs);
  const { keyPem, publicKeyPem } = oneKey();
  // One key for all of them: that a thousand are made is not what is measured.
  await asSystem(database.db, (tx) =>
    tx.execute(sql`update certificate set public_key_pem = ${publicKeyPem},
      id = encode(sha256(thing_name::bytea), 'hex') where id like ${run} || '%'`),
  );
  const process = await ProductProcess.start(
    {
      name: 'cloud',
      script: built('cloud-api', 'main.js'),
      env: {
        INKLET_PORT: '0',
        INKLET_DATA_DIR: path.join(dir, 'data'),
        INKLET_DATABASE_URL: database.url,
        INKLET_LOG_LEVEL: 'warn',
      },
      logFile: path.join(dir, 'cloud.log'),
      stopLimitMs: STOP_LIMIT_MS,
      clock: systemClock,
    },
    new AbortController().signal,
  );
  const kib = async (field: string) => {
    const status = await readFile(`/proc/${process.pid}/status`, 'utf8');
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]);
  };
  return {
    url: process.url,
    hubs: things.map((thingName) => ({ thingName, certificateId: sha256(thingName), keyPem })),
    peakKib: () => kib('VmHWM'),
    rssKib: () => kib('VmRSS'),
    stop: async () => {
      await process.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function oneKey(): { keyPem: string; publicKeyPem: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    keyPem: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    publicKeyPem: String(publicKey.export({ type: 'spki', format: 'pem' })),
  };
}
