import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { CloudError } from '../errors.js';
import { type Database, queryRows, type Tx } from './database.js';

/** One numbered file of `migrations/`. */
export type Migration = { name: string; text: string; sha256: string };

const FOLDER = new URL('./migrations/', import.meta.url);
const FILE_NAME = /^\d{4}-[a-z0-9-]+\.sql$/;

/** The migrations of this build, in order. */
export function listMigrations(): Migration[] {
  return readdirSync(FOLDER)
    .filter((name) => FILE_NAME.test(name))
    .sort()
    .map((name) => {
      const text = readFileSync(new URL(name, FOLDER), 'utf8');
      return { name, text, sha256: createHash('sha256').update(text).digest('hex') };
    });
}

/**
 * Applies what is missing, forward only, all in one transaction per file; running it again changes nothing.
 * `beforeChange` is called once before the first change to a database that already holds something.
 * @throws CloudError `database.migration-mismatch` when the database is newer than this build, or a file was edited
 */
export async function migrate(
  db: Database,
  migrations: readonly Migration[],
  beforeChange: () => Promise<void> = async () => {},
): Promise<string[]> {
  await db.script(`create table if not exists migration (
    name text primary key, sha256 text not null, applied_at timestamptz(3) not null default now())`);
  const applied = await db.asOwner((tx) => appliedMigrations(tx));
  refuseMismatch(migrations, applied);
  const missing = migrations.slice(applied.length);
  if (missing.length > 0 && applied.length > 0) await beforeChange();
  for (const migration of missing) await apply(db, migration);
  return missing.map(({ name }) => name);
}

const MIGRATION_LOCK = 4_761_325;
const AppliedSchema = z.object({ name: z.string(), sha256: z.string() });

async function apply(db: Database, { name, text, sha256 }: Migration): Promise<void> {
  try {
    // What takes its time with millions of rows, or waits for another process that does, must not end half-way.
    await db.script(`begin;
      set local statement_timeout = 0;
      select pg_advisory_xact_lock(${MIGRATION_LOCK});
      insert into migration (name, sha256) values ('${name}', '${sha256}');
      ${text}
      commit;`);
  } catch (error) {
    // Several processes may start on one PostgreSQL at once: who comes second waits for the lock, then finds the row.
    const applied = await db.asOwner((tx) => appliedMigrations(tx));
    if (!applied.some((row) => row.name === name)) throw error;
  }
}

async function appliedMigrations(tx: Tx): Promise<z.infer<typeof AppliedSchema>[]> {
  return queryRows(tx, AppliedSchema, sql`select name, sha256 from migration order by name`);
}

function refuseMismatch(migrations: readonly Migration[], applied: readonly z.infer<typeof AppliedSchema>[]): void {
  applied.forEach(({ name, sha256 }, index) => {
    const ours = migrations[index];
    if (ours?.name !== name) {
      throw new CloudError('database.migration-mismatch', `the database has migration ${name}, this build has not`);
    }
    if (ours.sha256 !== sha256) {
      throw new CloudError('database.migration-mismatch', `migration ${name} is not the file that was applied`);
    }
  });
}
