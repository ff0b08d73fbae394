import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { pino } from 'pino';
import { v7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { layTemplate } from '../../test/support/cloud-databases.js';
import { StandingClock } from '../../test/support/cloud-devices.js';
import { postgresPrograms, startPostgres } from '../../test/support/postgres.js';
import { SyncStore } from '../../test/support/sync-store.js';
import { asSystem, type Database, queryRows } from '../database/database.js';
import { openDatabase } from '../database/open.js';
import { Metrics } from '../metrics.js';
import { makeEventDays } from './event-days.js';
import { Sync } from './sync.js';

const SILENT = pino({ level: 'silent' });
const MINUTE_MS = 60_000;
const RowSchema = z.object({ what: z.string(), from: z.number(), to: z.number() });

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'inklet-restored-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A hub that goes on telling whatever becomes of the store, and the services over it. */
function setUp() {
  const clock = new StandingClock();
  const store = new SyncStore();
  const hubId = v7();
  const ids: string[] = [];
  const caller = { kind: 'hub', hubId, thingName: 't', certificateId: 'c', householdId: null } as const;
  const addHub = (db: Database) =>
    asSystem(db, async (tx) => {
      await tx.execute(sql`insert into hardware (hw_id, tag_uid, key_id, model, batch, state, created_at, updated_at)
        values ('h', '', 1, 1, 1, 'PROVISIONED', now(), now())`);
      await tx.execute(sql`insert into hub (id, thing_name, hw_id, created_at) values (${hubId}, 't', 'h', now())`);
    });
  /** One more event, after all that was acknowledged. */
  const tell = async (db: Database) => {
    const event = store.event();
    const lastId = ids.at(-1) ?? null;
    const request = store.request({
      after: lastId === null ? {} : { 0: { seq: ids.length, id: lastId } },
      logs: [store.slice(ids.length + 1, [event])],
      downGen: store.downGen,
    });
    ids.push(event.id ?? '');
    const reply = await new Sync({ ...CONTEXT, db, clock }, PARTS).exchange(caller, request);
    expect(reply).toMatchObject({ acks: { 0: ids.length }, holes: [], epochState: 'open' });
    store.downGen = reply.gen;
    return reply.gen;
  };
  return { clock, addHub, tell };
}

const CONTEXT = { log: SILENT, metrics: new Metrics(), newId: () => v7(), wakeIotTasks: () => {} };
const PARTS = {
  delivery: {
    applyResult: async () => [],
    noteReceived: async () => [],
    offer: async () => ({ down: [], changes: [] }),
    finalUpto: async () => 0,
  },
  presentations: {
    applyPresentationEvent: async () => {},
    commandsChanged: async () => {},
    displaysReleased: async () => {},
  },
  localBindings: { note: async () => {} },
  states: { takeState: async () => {} },
};

/** What the store has of the hub, from the first number on. */
function heldBy(db: Database): Promise<z.infer<typeof RowSchema>[]> {
  return asSystem(db, (tx) =>
    queryRows(
      tx,
      RowSchema,
      sql`select 'event' as what, seq::int as "from", seq::int as "to" from event
        union all select reason, from_seq::int, to_seq::int from gap order by 2`,
    ),
  );
}

const EVERY_NUMBER_ONCE = [
  { what: 'event', from: 1, to: 1 },
  { what: 'event', from: 2, to: 2 },
  { what: 'cloud_rollback', from: 3, to: 4 },
  { what: 'event', from: 5, to: 5 },
];

test('an embedded database that comes back from its dump names what it lost, under a new incarnation', async () => {
  const { clock, addHub, tell } = setUp();
  const dataDir = join(root, 'embedded');
  await layTemplate(dataDir);
  const open = () => openDatabase({ dataDir, pid: process.pid, clock, log: SILENT });
  const first = await open();
  await addHub(first.db);
  await makeEventDays({ db: first.db, clock });
  await tell(first.db);
  await tell(first.db);
  await first.dump?.();
  await tell(first.db);
  const before = await tell(first.db);
  await first.db.close();
  writeFileSync(join(dataDir, 'database', 'global', 'pg_control'), 'spoilt');
  const second = await open();
  const after = await tell(second.db);
  expect(after > before).toBe(true);
  expect(await heldBy(second.db)).toEqual(EVERY_NUMBER_ONCE);
  await second.db.close();
});

const programs = postgresPrograms();
if (programs !== undefined) {
  test('a PostgreSQL that is restored by its own tools finds out from its first hub, and names what it lost', async () => {
    const { clock, addHub, tell } = setUp();
    const cluster = await startPostgres(programs);
    const url = cluster.url('postgres');
    const restoredUrl = cluster.url('restored');
    const file = join(root, 'backup');
    const run = (program: string, ...options: string[]) =>
      execFileSync(join(programs, program), options, { stdio: 'pipe' });
    const open = async (at: string) =>
      (await openDatabase({ url: at, dataDir: root, pid: process.pid, clock, log: SILENT })).db;
    const first = await open(url);
    await addHub(first);
    await makeEventDays({ db: first, clock });
    await tell(first);
    await tell(first);
    run('pg_dump', '--format=custom', `--file=${file}`, url);
    await tell(first);
    const before = await tell(first);
    await first.close();
    run('createdb', `--maintenance-db=${url}`, 'restored');
    run('pg_restore', `--dbname=${restoredUrl}`, file);
    const second = await open(restoredUrl);
    clock.nowMs += 11 * MINUTE_MS;
    const after = await tell(second);
    expect(after > before).toBe(true);
    expect(await heldBy(second)).toEqual(EVERY_NUMBER_ONCE);
    await makeEventDays({ db: second, clock });
    await second.close();
    await cluster.stop();
  });
}
