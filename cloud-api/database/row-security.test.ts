import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { testEngines } from '../../test/support/cloud-databases.js';
import { asSystem, type Database, queryRows, withHousehold } from './database.js';

const A = '01900000-0000-7000-8000-00000000000a';
const B = '01900000-0000-7000-8000-00000000000b';
/** Tables in which both households have a row here. */
const SEEDED = [
  ...[
    'analysis',
    'analysis_content',
    'analysis_event',
    'asset',
    'command',
    'command_delivery',
    'content',
    'display',
    'event',
    'household',
  ],
  ...['hub', 'idempotency', 'membership', 'personal_access_token', 'presentation', 'presentation_picture'],
];
const CountSchema = z.object({ count: z.coerce.number() });

/** What app_user of household A reaches of household B's rows, over all tables that carry a household. */
async function reachedAcross(db: Database): Promise<string[]> {
  const tables = await householdTables(db);
  const reached: string[] = [];
  for (const { name, updatable } of tables) {
    const column = sql.identifier(name === 'household' ? 'id' : 'household_id');
    const rows = await withHousehold(db, A, (tx) =>
      queryRows(tx, CountSchema, sql`select count(*) from ${sql.identifier(name)} where ${column} = ${B}`),
    );
    if (rows[0]?.count !== 0) reached.push(`select ${name}`);
    if (updatable === null) continue;
    const changed = await withHousehold(db, A, (tx) =>
      queryRows(
        tx,
        z.unknown(),
        sql`update ${sql.identifier(name)} set ${sql.identifier(updatable)} = ${sql.identifier(updatable)} where ${column} = ${B} returning 1`,
      ),
    );
    if (changed.length > 0) reached.push(`update ${name}`);
  }
  return reached;
}

const TableSchema = z.object({ name: z.string(), updatable: z.string().nullable() });

/** Every table with a household that app_user may read, and a column of it that app_user may write. */
async function householdTables(db: Database): Promise<z.infer<typeof TableSchema>[]> {
  return db.asOwner((tx) =>
    queryRows(
      tx,
      TableSchema,
      sql`select c.relname as name, (
            select w.attname from pg_attribute w
            where w.attrelid = c.oid and w.attnum > 0 and has_column_privilege('app_user', c.oid, w.attnum, 'update') limit 1
          ) as updatable
          from pg_class c join pg_attribute a on a.attrelid = c.oid
          where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
            and a.attname = case c.relname when 'household' then 'id' else 'household_id' end
            and has_table_privilege('app_user', c.oid, 'select') order by 1`,
    ),
  );
}

describe.each(testEngines())('on $name', (engine) => {
  let db: Database;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ db, close } = await engine.open());
    await asSystem(db, async (tx) => {
      for (const [id, last] of [
        [A, 'a'],
        [B, 'b'],
      ]) {
        await tx.execute(sql`insert into household (id, name, created_at) values (${id}, ${last}, now())`);
        await tx.execute(
          sql`insert into account (id, email, password_hash, created_at) values (${id}, ${last}, '', now())`,
        );
        await tx.execute(
          sql`insert into membership (household_id, account_id, role, created_at) values (${id}, ${id}, 'owner', now())`,
        );
        await tx.execute(sql`insert into hardware (hw_id, tag_uid, key_id, model, batch, state, created_at, updated_at)
          values (${last}, '', 1, 1, 1, 'PROVISIONED', now(), now())`);
        await tx.execute(
          sql`insert into hub (id, household_id, thing_name, hw_id, created_at) values (${id}, ${id}, ${last}, ${last}, now())`,
        );
        await tx.execute(sql`insert into display (id, household_id, hub_id, name, kind, panel, width, height, inks)
          values (${id}, ${id}, ${id}, 'd', 'wired', 'p', 1, 1, '{}')`);
        await tx.execute(sql`insert into command (id, household_id, hub_id, down_seq, slot, rev, kind, body, state, queued_at)
          values (${id}, ${id}, ${id}, 1, 's', 1, 'refresh', '{}', 'QUEUED', now())`);
        await tx.execute(sql`insert into event
          (hub_id, epoch, lane, seq, household_id, type, tv, known, ts_lo, ts_hi, received_at, body)
          values (${id}, 'e', 0, 1, ${id}, 't', 1, true, now(), now(), now(), '{}')`);
      }
    });
    for (const id of [A, B]) {
      await withHousehold(db, id, async (tx) => {
        await tx.execute(sql`insert into personal_access_token
          (id, household_id, account_id, name, token_sha256, last_four, created_at)
          values (${id}, ${id}, ${id}, 'n', ${id}, 'last', now())`);
        await tx.execute(sql`insert into content (household_id, id, state, search, created_at, updated_at)
          values (${id}, ${id}, 'ready', '', now(), now())`);
        await tx.execute(sql`insert into asset (household_id, content_id, asset_index, type, upload_state)
          values (${id}, ${id}, 0, 'text', 'uploaded')`);
        await tx.execute(sql`insert into idempotency
          (household_id, principal_id, route, key, body_sha256, result_id, created_at)
          values (${id}, ${id}, 'r', 'k', '', ${id}, now())`);
        await tx.execute(sql`insert into analysis (household_id, id, mode, state, created_at, updated_at)
          values (${id}, ${id}, 'ai', 'completed', now(), now())`);
        await tx.execute(sql`insert into analysis_content (household_id, analysis_id, place, content_id)
          values (${id}, ${id}, 0, ${id})`);
        await tx.execute(sql`insert into analysis_event
          (household_id, analysis_id, seq, at, attempt, source, type, level, summary)
          values (${id}, ${id}, 1, now(), 1, 'backend', 't', 'info', '')`);
        await tx.execute(sql`insert into presentation
          (household_id, id, display_id, mode, state, width, height, inks, origin, created_at, updated_at)
          values (${id}, ${id}, ${id}, 'ai', 'queued', 1, 1, '{}', 'cloud', now(), now())`);
        await tx.execute(sql`insert into presentation_picture (household_id, presentation_id, sha256)
          values (${id}, ${id}, 'a')`);
      });
    }
  });
  afterAll(() => close());

  test('every table has row-level security, forced on its owner too, and a policy', async () => {
    const open = await db.asOwner((tx) =>
      queryRows(
        tx,
        z.object({ relname: z.string() }),
        sql`select relname from pg_class c where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
            and relname <> 'migration' and not (relrowsecurity and relforcerowsecurity
            and exists (select from pg_policy where polrelid = c.oid))`,
      ),
    );
    expect(open).toEqual([]);
  });

  test('the roles of the service are no superusers, pass no policy and own nothing', async () => {
    const [strong, owned] = await db.asOwner(async (tx) => [
      await queryRows(
        tx,
        z.unknown(),
        sql`select rolname from pg_roles where rolname in ('app_user', 'app_system') and (rolsuper or rolbypassrls)`,
      ),
      await queryRows(
        tx,
        z.unknown(),
        sql`select relname from pg_class join pg_roles r on r.oid = relowner where rolname in ('app_user', 'app_system')`,
      ),
    ]);
    expect(strong).toEqual([]);
    expect(owned).toEqual([]);
  });

  test('a household sees its own rows', async () => {
    const rows = await withHousehold(db, A, (tx) =>
      queryRows(tx, z.object({ id: z.string() }), sql`select id from hub`),
    );
    expect(rows).toEqual([{ id: A }]);
  });

  test('a household neither sees nor changes a row of another, in any table', async () => {
    expect(await reachedAcross(db)).toEqual([]);
  });

  test('a household cannot write a row in the name of another', async () => {
    const foreign = withHousehold(db, A, (tx) =>
      tx.execute(sql`insert into command (id, household_id, hub_id, down_seq, slot, rev, kind, body, state, queued_at)
        values (gen_random_uuid(), ${B}, ${A}, 2, 's', 1, 'refresh', '{}', 'QUEUED', now())`),
    );
    await expect(foreign).rejects.toMatchObject({ code: 'database.failed', details: { sqlState: '42501' } });
  });

  test('without a household there are no rows, also after one was set on the same connection', async () => {
    await withHousehold(db, A, (tx) => tx.execute(sql`select 1`));
    const rows = await db.inRole('app_user', null, (tx) => queryRows(tx, z.unknown(), sql`select id from hub`));
    expect(rows).toEqual([]);
  });

  test('the check above knows of every table that a household reads', async () => {
    const tables = await householdTables(db);
    expect(tables.map(({ name }) => name)).toEqual(SEEDED);
  });

  test('the check above goes red when row-level security is off', async () => {
    const tables = await householdTables(db);
    const all = (change: string) => db.script(tables.map(({ name }) => `alter table ${name} ${change};`).join(''));
    await all('disable row level security');
    try {
      const reached = await reachedAcross(db);
      expect(reached).toEqual(expect.arrayContaining(SEEDED.map((name) => `select ${name}`)));
    } finally {
      await all('enable row level security');
    }
  });
});
