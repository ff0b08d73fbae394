import { drizzle } from 'drizzle-orm/node-postgres';
import { Pool } from 'pg';
import type { Logger } from 'pino';
import { Database } from './database.js';

export const STATEMENT_TIMEOUT_MS = 30_000;

const CONNECT_TIMEOUT_MS = 10_000;
const POOL_SIZE = 10;

/** Opens a PostgreSQL server by its URL. The login role must be able to create roles once, or find them made. */
export function openPostgres({ url, log }: { url: string; log: Logger }): Database {
  const pool = new Pool({
    connectionString: url,
    max: POOL_SIZE,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  // An idle connection that the server ends reports here; the pool replaces it by itself.
  pool.on('error', (error) => log.debug({ err: error }, 'an idle database connection ended'));
  const orm = drizzle(pool);
  return new Database({
    engine: 'postgresql',
    transaction: (fn) => orm.transaction(fn),
    script: async (text) => {
      const client = await pool.connect();
      try {
        await client.query(text);
      } catch (error) {
        await client.query('rollback');
        throw error;
      } finally {
        client.release();
      }
    },
    close: () => pool.end(),
  });
}
