import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import pino from 'pino';
import { systemClock } from '../../cloud-api/clock.js';
import type { Database } from '../../cloud-api/database/database.js';
import { ensureGeneration } from '../../cloud-api/database/generation.js';
import { listMigrations, type Migration, migrate } from '../../cloud-api/database/migrate.js';
import { databaseOf } from '../../cloud-api/database/open-pglite.js';
import { openPostgres } from '../../cloud-api/database/open-postgres.js';
import { type PostgresCluster, postgresPrograms, startPostgres } from './postgres.js';

const SILENT = pino({ level: 'silent' });

/** One of the databases on which every suite of the cloud runs. */
export type TestEngine = {
  name: 'PGlite' | 'PostgreSQL';
  /** A migrated, empty database, as an ordinary login role has it; by `migrations`, one of an older build. */
  open: (migrations?: readonly Migration[]) => Promise<{ db: Database; close: () => Promise<void> }>;
};

/** Both engines; a machine without PostgreSQL tests PGlite only, CI must have both. */
export function testEngines(): TestEngine[] {
  const pglite: TestEngine = { name: 'PGlite', open: openTemplate };
  const programs = postgresPrograms();
  if (programs !== undefined)
    return [pglite, { name: 'PostgreSQL', open: (migrations) => openServer(programs, migrations) }];
  if (process.env.CI !== undefined) throw new Error('CI must have the Debian package postgresql');
  return [pglite];
}

/** Where a migrated, empty database is kept: made once, and named after the migrations in it. */
function templatePath(suffix: string): string {
  const hash = createHash('sha256');
  for (const { sha256 } of listMigrations()) hash.update(sha256);
  const folder = join(tmpdir(), 'inklet-test-templates');
  mkdirSync(folder, { recursive: true });
  return join(folder, `${hash.digest('hex').slice(0, 16)}${suffix}`);
}

async function templateDump(): Promise<Blob> {
  const path = templatePath('.tar');
  if (!existsSync(path)) {
    const client = await PGlite.create();
    await migrateForTest(databaseOf(client, () => client.close()));
    // Two workers may make it at once: each writes its own and the name changes hands whole.
    const own = `${path}.${process.pid}`;
    writeFileSync(own, Buffer.from(await (await client.dumpDataDir('none')).arrayBuffer()));
    await client.close();
    renameSync(own, path);
  }
  return new Blob([readFileSync(path)]);
}

/** Lays a migrated, empty database into a data folder, as a first start would. */
export async function layTemplate(dataDir: string): Promise<void> {
  const folder = join(dataDir, 'database');
  mkdirSync(dataDir, { recursive: true });
  await (await PGlite.create({ dataDir: folder, loadDataDir: await templateDump() })).close();
  chmodSync(folder, 0o700);
}

/** A fresh PGlite in memory. */
async function openTemplate(migrations?: readonly Migration[]): Promise<{ db: Database; close: () => Promise<void> }> {
  const client = await PGlite.create(migrations === undefined ? { loadDataDir: await templateDump() } : {});
  const db = databaseOf(client, () => client.close());
  if (migrations !== undefined) await migrateForTest(db, migrations);
  return { db, close: () => db.close() };
}

async function openServer(
  programs: string,
  migrations?: readonly Migration[],
): Promise<{ db: Database; close: () => Promise<void> }> {
  const kept = migrations === undefined ? await serverTemplate(programs) : undefined;
  const cluster = await startPostgres(programs, kept);
  if (kept === undefined) await makeDatabase(cluster);
  const db = openPostgres({ url: urlOf(cluster), log: SILENT });
  if (kept === undefined) await migrateForTest(db, migrations);
  return {
    db,
    close: async () => {
      await db.close();
      await cluster.stop();
    },
  };
}

/** A server with a migrated, empty database, and by which address a service logs in to it. */
export async function startMigratedServer(programs: string): Promise<{ cluster: PostgresCluster; url: string }> {
  const cluster = await startPostgres(programs, await serverTemplate(programs));
  return { cluster, url: urlOf(cluster) };
}

/** The data of a server with a migrated, empty database: initdb and migrations take seconds, a copy does not. */
async function serverTemplate(programs: string): Promise<string> {
  const path = templatePath(`-postgres-${basename(dirname(programs))}`);
  if (existsSync(path)) return path;
  const cluster = await startPostgres(programs);
  await makeDatabase(cluster);
  const db = openPostgres({ url: urlOf(cluster), log: SILENT });
  await migrateForTest(db);
  await db.close();
  await cluster.keepAs(path);
  return path;
}

/** As in production: the service logs in as the owner of its database, who is no superuser. */
async function makeDatabase(cluster: PostgresCluster): Promise<void> {
  const administrator = openPostgres({ url: cluster.url('postgres'), log: SILENT });
  await administrator.script('create role inklet login createrole nosuperuser nobypassrls');
  await administrator.script('create database inklet owner inklet');
  await administrator.close();
}

function urlOf(cluster: PostgresCluster): string {
  return cluster.url('inklet').replace('postgres@', 'inklet@');
}

async function migrateForTest(db: Database, migrations: readonly Migration[] = listMigrations()): Promise<void> {
  await migrate(db, migrations);
  await ensureGeneration(db, systemClock);
}
