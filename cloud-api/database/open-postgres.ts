import { DrizzleQueryError } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { escapeLiteral, Pool, type PoolClient } from 'pg';
import type { Logger } from 'pino';
import { Database, type Settings, type Tx } from './database.js';

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
    transactionWith: (settings, fn) => inTransaction(pool, settings, fn),
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

/** Begins and sets in one journey, which a transaction of the mapper cannot. */
async function inTransaction<T>(pool: Pool, settings: Settings, fn: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let isLost = false;
  try {
    await told(client, `begin; select ${Object.entries(settings).map(settingOf).join(', ')}`);
    const result = await fn(drizzle(client));
    await told(client, 'commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => {
      isLost = true;
    });
    throw error;
  } finally {
    client.release(isLost);
  }
}

function settingOf([name, value]: [name: string, value: string]): string {
  return `set_config(${escapeLiteral(name)}, ${escapeLiteral(value)}, true)`;
}

/** Fails as a statement of the mapper does. */
async function told(client: PoolClient, text: string): Promise<void> {
  try {
    await client.query(text);
  } catch (error) {
    throw new DrizzleQueryError(text, [], error instanceof Error ? error : undefined);
  }
}
