import type { Logger } from 'pino';
import type { Clock } from '../clock.js';
import type { Database } from './database.js';
import { ensureGeneration } from './generation.js';
import { listMigrations, migrate } from './migrate.js';
import { openPglite } from './open-pglite.js';
import { openPostgres } from './open-postgres.js';

/** An open, migrated database. `dump` is there for the embedded one, which needs a copy every hour. */
export type OpenedDatabase = { db: Database; dump?: () => Promise<void> };

/**
 * Opens PostgreSQL where a URL is given, else the embedded database in `dataDir`, and brings it up to this build.
 * @throws CloudError `database.locked`, `database.unusable`, `database.migration-mismatch`
 */
export async function openDatabase(options: {
  url?: string | undefined;
  dataDir: string;
  pid: number;
  clock: Clock;
  log: Logger;
}): Promise<OpenedDatabase> {
  const { url, clock, log } = options;
  const opened: OpenedDatabase = url === undefined ? await openPglite(options) : { db: openPostgres({ url, log }) };
  try {
    const applied = await migrate(opened.db, listMigrations(), opened.dump);
    await ensureGeneration(opened.db, clock);
    log.info({ engine: opened.db.engine, applied }, 'database open');
    return opened;
  } catch (error) {
    await opened.db.close();
    throw error;
  }
}
