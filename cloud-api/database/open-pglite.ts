import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import type { Logger } from 'pino';
import type { Clock } from '../clock.js';
import { CloudError } from '../errors.js';
import { Database } from './database.js';
import { Dumps } from './dumps.js';
import { renewGeneration } from './generation.js';
import { takeLock } from './lock-file.js';
import { STATEMENT_TIMEOUT_MS } from './open-postgres.js';

export type OpenPgliteOptions = { dataDir: string; pid: number; clock: Clock; log: Logger };

/** An embedded database, and the dumps from which it can come back. */
export type Embedded = { db: Database; dump: () => Promise<void> };

/**
 * Opens the embedded database in `dataDir`, guarded: one process, a first start that is whole or not there at all, and
 * the last good dump when the directory cannot be opened.
 * @throws CloudError `database.locked`, `database.unusable`
 */
export async function openPglite({ dataDir, pid, clock, log }: OpenPgliteOptions): Promise<Embedded> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const release = takeLock(join(dataDir, 'database.lock'), pid);
  const dumps = new Dumps({ folder: join(dataDir, 'dumps'), clock });
  const folder = join(dataDir, 'database');
  try {
    const client = await openOrRestore({ folder, temporary: `${folder}.tmp-${pid}`, dumps, clock, log });
    await client.exec(`set statement_timeout = ${STATEMENT_TIMEOUT_MS}`);
    log.warn(
      { folder },
      'embedded database: a power cut may lose or damage rows; set INKLET_DATABASE_URL in production',
    );
    const db = databaseOf(client, async () => {
      await client.exec('checkpoint');
      await client.close();
      release();
    });
    return { db, dump: async () => dumps.write(await client.dumpDataDir('gzip')) };
  } catch (error) {
    release();
    throw error;
  }
}

/** Wraps an open PGlite. It has one session: its transactions queue. */
export function databaseOf(client: PGlite, close: () => Promise<void>): Database {
  const orm = drizzle(client);
  return new Database({
    engine: 'pglite',
    transaction: (fn) => orm.transaction(fn),
    script: async (text) => {
      try {
        await client.exec(text);
      } catch (error) {
        await client.exec('rollback');
        throw error;
      }
    },
    close,
  });
}

type Place = { folder: string; temporary: string; dumps: Dumps; clock: Clock; log: Logger };

async function openOrRestore({ folder, temporary, dumps, clock, log }: Place): Promise<PGlite> {
  if (!existsSync(folder)) {
    rmSync(temporary, { recursive: true, force: true });
    // A kill in the middle of the first start leaves a directory that never opens; only a whole one gets the name.
    await (await openChecked(temporary)).close();
    giveName(temporary, folder);
  }
  try {
    return await openChecked(folder);
  } catch (error) {
    const aside = `${folder}.broken-${clock.now()}`;
    renameSync(folder, aside);
    log.error({ err: error, aside }, 'the embedded database cannot be opened; it was moved aside');
    for (const dump of dumps.list().toReversed()) {
      if (!(await restore(dump.path, { folder, temporary, dumps, clock, log }))) continue;
      log.error({ dump: dump.path }, 'the embedded database was restored from a dump; later changes are lost');
      return openChecked(folder);
    }
    renameSync(aside, folder);
    const message = `${folder} cannot be opened, and no dump could take its place`;
    throw new CloudError('database.unusable', message, {}, { cause: error });
  }
}

async function restore(path: string, { folder, temporary, dumps, clock, log }: Place): Promise<boolean> {
  rmSync(temporary, { recursive: true, force: true });
  try {
    const client = await openChecked(temporary, await dumps.read(path));
    // Before the directory gets its name: hubs must never see the restored store under the old incarnation.
    await renewGeneration(
      databaseOf(client, () => client.close()),
      clock,
    );
    await client.close();
  } catch (error) {
    log.error({ err: error, path }, 'a dump of the embedded database cannot be read');
    return false;
  }
  giveName(temporary, folder);
  return true;
}

/** PGlite leaves its files open to everybody. */
function giveName(temporary: string, folder: string): void {
  chmodSync(temporary, 0o700);
  renameSync(temporary, folder);
}

async function openChecked(dataDir: string, loadDataDir?: Blob): Promise<PGlite> {
  const client = await PGlite.create({ dataDir, ...(loadDataDir && { loadDataDir }) });
  await client.query('select count(*) from pg_class');
  return client;
}
