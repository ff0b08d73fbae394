import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import pino from 'pino';
import { systemClock } from '../../cloud-api/clock.js';
import type { Database } from '../../cloud-api/database/database.js';
import { ensureGeneration } from '../../cloud-api/database/generation.js';
import { listMigrations, type Migration, migrate } from '../../cloud-api/database/migrate.js';
import { databaseOf } from '../../cloud-api/database/open-pglite.js';
import { openPostgres } from '../../cloud-api/database/open-postgres.js';
import { postgresPrograms, startPostgres } from './postgres.js';

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

/** A dump of a migrated, empty PGlite: made once, and named after the migrations in it. */
async function templateDump(): Promise<Blob> {
  const hash = createHash('sha256');
  for (const { sha256 } of listMigrations()) hash.update(sha256);
  const folder = join(tmpdir(), 'inklet-test-templates');
  const path = join(folder, `${hash.digest('hex').slice(0, 16)}.tar`);
  if (!existsSync(path)) {
    const client = await PGlite.create();
    await migrateForTest(databaseOf(client, () => client.close()));
    mkdirSync(folder, { recursive: true });
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
  const cluster = await startPostgres(programs);
  const log = pino({ level: 'silent' });
  const administrator = openPostgres({ url: cluster.url('postgres'), log });
  const name = `inklet_${randomBytes(4).toString('hex')}`;
  // As in production: the service logs in as the owner of its database, who is no superuser.
  await administrator.script('create role inklet login createrole nosuperuser nobypassrls');
  await administrator.script(`create database ${name} owner inklet`);
  await administrator.close();
  const db = openPostgres({ url: cluster.url(name).replace('postgres@', 'inklet@'), log });
  await migrateForTest(db, migrations);
  return {
    db,
    close: async () => {
      await db.close();
      await cluster.stop();
    },
  };
}

async function migrateForTest(db: Database, migrations: readonly Migration[] = listMigrations()): Promise<void> {
  await migrate(db, migrations);
  await ensureGeneration(db, systemClock);
}
