import { getTableColumns, getTableName, is, sql } from 'drizzle-orm';
import { PgTable } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { testEngines } from '../../test/support/cloud-databases.js';
import * as auth from '../auth/tables.js';
import * as command from '../command/tables.js';
import * as device from '../device/tables.js';
import * as display from '../display/tables.js';
import * as household from '../household/tables.js';
import * as link from '../link/tables.js';
import * as sync from '../sync/tables.js';
import { type Database, queryRows } from './database.js';
import { listMigrations, migrate } from './migrate.js';

const ColumnSchema = z.object({ table: z.string(), column: z.string(), type: z.string(), nullable: z.boolean() });

/** How the types of the table definitions are called by the server. */
const SERVER_TYPES: Record<string, string> = { 'timestamp (3) with time zone': 'timestamp(3) with time zone' };

function definedColumns(): z.infer<typeof ColumnSchema>[] {
  return [auth, command, device, display, household, link, sync]
    .flatMap((module) => Object.values(module))
    .filter((value): value is PgTable => is(value, PgTable))
    .flatMap((table) =>
      Object.values(getTableColumns(table)).map((column) => ({
        table: getTableName(table),
        column: column.name,
        type: SERVER_TYPES[column.getSQLType()] ?? column.getSQLType(),
        nullable: !column.notNull,
      })),
    );
}

describe.each(testEngines())('on $name', (engine) => {
  let db: Database;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ db, close } = await engine.open());
  });
  afterAll(() => close());

  test('the tables of the code are those of the migrations', async () => {
    const actual = await db.asOwner((tx) =>
      queryRows(
        tx,
        ColumnSchema,
        sql`select c.relname as table, a.attname as column, format_type(a.atttypid, a.atttypmod) as type,
              not a.attnotnull as nullable
            from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
            where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')`,
      ),
    );
    const defined = definedColumns();
    expect(defined.length).toBeGreaterThan(100);
    expect(actual).toEqual(expect.arrayContaining(defined));
  });

  // Seen as: hubs that were let in before there was a queue for AWS IoT, whose first certificates stayed active there.
  test('certificates that were revoked before AWS IoT was told of it are told now, each once', async () => {
    const until = (name: string) => listMigrations().filter((migration) => migration.name < name);
    const old = await engine.open(until('0006'));
    const add = sql`with made as (
        insert into hardware values ('h', 'u', 1, 1, 1, 'PROVISIONED', now(), now()) returning hw_id
      ), thing as (
        insert into hub (id, thing_name, hw_id, created_at) select gen_random_uuid(), 't', hw_id, now() from made returning id
      )
      insert into certificate (id, hub_id, thing_name, public_key_pem, public_key_sha256, claim_certificate_id, created_at, revoked_at)
      select name, id, 't', '', '', 'c', now(), case name when 'gone' then now() end
      from thing, unnest(array['gone', 'good']) name`;
    await old.db.asOwner((tx) => tx.execute(add));
    await migrate(old.db, listMigrations());
    const query = sql`select certificate_id, thing_name, attempts, due_at <= now() as due from iot_task`;
    const tasks = await old.db.asOwner((tx) => queryRows(tx, z.unknown(), query));
    await old.close();
    expect(tasks).toEqual([{ certificate_id: 'gone', thing_name: 't', attempts: 0, due: true }]);
  });

  test('running the migrations again changes nothing', async () => {
    expect(await migrate(db, listMigrations())).toEqual([]);
  });

  test('a new migration is applied once, after a dump of what is there', async () => {
    const next = { name: '9000-more.sql', text: 'create table more (id integer);', sha256: 'a' };
    let dumps = 0;
    const run = () =>
      migrate(db, [...listMigrations(), next], async () => {
        dumps += 1;
      });
    expect(await run()).toEqual(['9000-more.sql']);
    expect(await run()).toEqual([]);
    expect(dumps).toBe(1);
  });

  test('a migration that fails leaves nothing of itself behind', async () => {
    const all = [...listMigrations(), { name: '9000-more.sql', text: '', sha256: 'a' }];
    const broken = { name: '9001-broken.sql', text: 'create table half (id integer); select 1 / 0;', sha256: 'b' };
    await expect(migrate(db, [...all, broken])).rejects.toThrow();
    const left = await db.asOwner((tx) =>
      queryRows(tx, z.unknown(), sql`select 1 from pg_class where relname = 'half'`),
    );
    expect(left).toEqual([]);
  });

  // Seen as: a service that never started again over a database of millions of events.
  test('a migration may take longer than any other statement', async () => {
    await db.script("set statement_timeout = '30s'");
    const more = { name: '9000-more.sql', text: '', sha256: 'a' };
    const slow = {
      name: '9001-slow.sql',
      text: "create table seen as select current_setting('statement_timeout') ms;",
    };
    await migrate(db, [...listMigrations(), more, { ...slow, sha256: 'c' }]);
    const query = sql`select ms from seen union all select current_setting('statement_timeout')`;
    expect(await db.asOwner((tx) => queryRows(tx, z.unknown(), query))).toEqual([{ ms: '0' }, { ms: '30s' }]);
  });

  test('a newer database and an edited migration are refused', async () => {
    await expect(migrate(db, listMigrations())).rejects.toMatchObject({ code: 'database.migration-mismatch' });
    const edited = listMigrations().map((migration) => ({ ...migration, sha256: 'edited' }));
    await expect(migrate(db, edited)).rejects.toMatchObject({ code: 'database.migration-mismatch' });
  });
});
