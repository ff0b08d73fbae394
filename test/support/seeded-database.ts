import { sql } from 'drizzle-orm';
import pino from 'pino';
import { systemClock } from '../../cloud-api/clock.js';
import { asSystem, type Database } from '../../cloud-api/database/database.js';
import { ensureGeneration } from '../../cloud-api/database/generation.js';
import { listMigrations, migrate } from '../../cloud-api/database/migrate.js';
import { openPostgres } from '../../cloud-api/database/open-postgres.js';
import { postgresPrograms, startPostgres } from './postgres.js';

/** A PostgreSQL that means it when it says that something is committed, and hubs in it. */
export type SeededDatabase = {
  readonly db: Database;
  readonly url: string;
  /** Which database it is, for the figures. */
  readonly engine: string;
  stop(): Promise<void>;
};

/** The one that is given, or one of its own with fsync on; undefined on a machine that has neither. */
export async function openSeededDatabase(given: string | undefined): Promise<SeededDatabase | undefined> {
  const programs = postgresPrograms();
  if (given === undefined && programs === undefined) return undefined;
  const cluster =
    given === undefined && programs !== undefined
      ? await startPostgres(programs, undefined, { fsync: 'on' })
      : undefined;
  const url = given ?? cluster?.url('postgres') ?? '';
  const db = openPostgres({ url, log: pino({ level: 'silent' }) });
  await migrate(db, listMigrations());
  await ensureGeneration(db, systemClock);
  return {
    db,
    url,
    engine: given === undefined ? 'PostgreSQL, fsync on' : 'PostgreSQL of INKLET_DATABASE_URL',
    stop: async () => {
      await db.close();
      await cluster?.stop();
    },
  };
}

/** Writes down so many hubs of nobody, and gives their thing names. */
export async function seedHubs(db: Database, run: string, count: number): Promise<string[]> {
  await asSystem(db, async (tx) => {
    await tx.execute(sql`insert into hardware (hw_id, tag_uid, key_id, model, batch, state, created_at, updated_at)
      select ${run}::text || n, '', 1, 1, 1, 'PROVISIONED', now(), now() from generate_series(1, ${count}::int) n`);
    await tx.execute(sql`insert into hub (id, thing_name, hw_id, created_at)
      select gen_random_uuid(), 'inklet-' || ${run}::text || n, ${run}::text || n, now()
      from generate_series(1, ${count}::int) n`);
    await tx.execute(sql`insert into certificate
      (id, hub_id, thing_name, public_key_pem, public_key_sha256, claim_certificate_id, created_at)
      select hw_id, id, thing_name, '', hw_id, '', now() from hub where hw_id like ${run}::text || '%'`);
  });
  return Array.from({ length: count }, (_, index) => `inklet-${run}${index + 1}`);
}
