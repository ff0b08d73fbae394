import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { PGlite } from '@electric-sql/pglite';
import { Client } from 'pg';
import { pino } from 'pino';
import { systemClock } from '../../cloud-api/clock.js';
import { renewGeneration } from '../../cloud-api/database/generation.js';
import { openPostgres } from '../../cloud-api/database/open-postgres.js';
import { layTemplate, startMigratedServer } from '../support/cloud-databases.js';

/** Asks a database; dates and numbers come as its driver gives them. */
export type Ask = (sql: string, params?: unknown[]) => Promise<{ rows: unknown[] }>;

/** The database of a cloud on trial. */
export type SiteDatabase = {
  /** By which its service gets to it; undefined for one that is embedded, which may only be read while the service is off. */
  readonly url: string | undefined;
  /** Has SQL done before the service starts for the first time. */
  prepare(sql: string): Promise<void>;
  /** What is read is of one moment. */
  read<T>(work: (ask: Ask) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
};

/** One on a server of its own, with what only a server can go through. */
export type ServerDatabase = SiteDatabase & {
  readonly url: string;
  /** Ends the server without a checkpoint and starts it again. */
  crash(): Promise<void>;
  /** Takes a dump, as an operator would by night. */
  backUp(): Promise<void>;
  /** Lets the last dump take its place while the service is off, with a new incarnation, as an operator does. */
  restore(): Promise<void>;
};

const DATABASE = 'inklet';
const OWNER = 'inklet';
const SILENT = pino({ level: 'silent' });
const ONE_MOMENT = 'begin isolation level repeatable read read only';
const run = promisify(execFile);

/** A PostgreSQL with the service's tables; `programs` is where PostgreSQL's are, dumps go to `dir`. */
export async function startServerDatabase(programs: string, dir: string): Promise<ServerDatabase> {
  const { cluster, url } = await startMigratedServer(programs);
  const dumpFile = path.join(dir, 'dump.sql');
  const tool = async (name: string, args: readonly string[]) => {
    await run(path.join(programs, name), [...args]);
  };
  const sql = (text: string) => tool('psql', ['--quiet', '--dbname', cluster.url('postgres'), '-c', text]);
  return {
    url,
    prepare: (text) => withClient(cluster.url(DATABASE), (client) => client.query(text)).then(() => undefined),
    read: (work) =>
      withClient(cluster.url(DATABASE), async (client) => {
        await client.query(ONE_MOMENT);
        const seen = await work((text, params) => client.query(text, params));
        await client.query('commit');
        return seen;
      }),
    crash: () => cluster.crash(),
    backUp: () => tool('pg_dump', ['--dbname', cluster.url(DATABASE), '--file', dumpFile]),
    restore: async () => {
      await sql(`drop database ${DATABASE} with (force)`);
      await sql(`create database ${DATABASE} owner ${OWNER}`);
      await tool('psql', ['--quiet', '--dbname', cluster.url(DATABASE), '--file', dumpFile]);
      await renew(cluster.url(DATABASE));
    },
    stop: () => cluster.stop(),
  };
}

/** A PGlite with the service's tables in the service's folder. */
export async function layEmbeddedDatabase(dataDir: string): Promise<SiteDatabase> {
  await layTemplate(dataDir);
  const withPglite = async <T>(work: (client: PGlite) => Promise<T>): Promise<T> => {
    const client = await PGlite.create({ dataDir: path.join(dataDir, 'database') });
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  };
  return {
    url: undefined,
    prepare: (text) => withPglite((client) => client.exec(text)).then(() => undefined),
    read: (work) => withPglite((client) => work((text, params) => client.query(text, params))),
    stop: async () => undefined,
  };
}

async function renew(url: string): Promise<void> {
  const db = openPostgres({ url, log: SILENT });
  await renewGeneration(db, systemClock);
  await db.close();
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
