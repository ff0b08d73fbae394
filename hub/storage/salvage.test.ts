import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { HubEvent } from '../../contract/index.js';
import { aDisplay, aText, eventsOf, SILENT, type Site, test } from '../../test/support/hub-site.js';
import { Intake } from '../executor/intake.js';
import { Database } from './database.js';
import { migrations } from './migrations/index.js';
import { salvage } from './salvage.js';
import type { Store } from './store.js';

const PAGE_BYTES = 4096;
const HOUSEHOLD = { householdId: '01890000-0000-7000-8000-0000000000aa', householdName: 'The Bakers' };
const STARTED: HubEvent = {
  type: 'hub.started',
  body: { version: 'a', bootId: '01890000-0000-7000-8000-000000000001' },
};
const WINDOW = { events: 500, bytes: 1_000_000 };

/** Damages pages of a file that holds all that was committed, and opens it again until it is whole. */
async function damage(site: Site, store: Store, pages: readonly number[]): Promise<Store> {
  store.database.checkpoint();
  store.database.close();
  const path = join(site.dir, 'hub.sqlite');
  const bytes = readFileSync(path);
  for (const page of pages) bytes.fill(0, PAGE_BYTES * (page - 1), PAGE_BYTES * page);
  writeFileSync(path, bytes);
  const opened = await site.open();
  await opened.health.whenLooked();
  return opened.salvaged === undefined ? site.open() : opened;
}

function rootOf({ database }: Store, table: string): number {
  const find = database.prepare<[string], { page: number }>(
    'SELECT rootpage AS page FROM sqlite_schema WHERE name = ?',
  );
  return find.get(table)?.page ?? 0;
}

function intakeOf(store: Store): Intake {
  return new Intake({ ...store, hasDisplay: (id) => store.displays.get(id) !== undefined, log: SILENT });
}

test('with the first page lost, everything else comes over', async ({ site }) => {
  const store = await site.open();
  store.binding.bind(HOUSEHOLD);
  const displayId = aDisplay(store);
  store.registers.set('state', { a: 1 });
  const places = await Promise.all(Array.from({ length: 30 }, () => store.outbox.enqueue(STARTED)));
  store.database.write(() => store.outbox.acknowledge(0, 10));
  const { epoch } = store.outbox;
  const saved = await damage(site, store, [1]);
  expect(saved.salvaged).toMatchObject({ events: 20, missing: 0, uncounted: [], knowsEpoch: true });
  expect(saved.binding.household()).toEqual(HOUSEHOLD);
  expect(saved.displays.require(displayId)).toMatchObject({ displayId });
  expect(saved.registers.dirty(10)).toMatchObject([{ key: 'state', body: { a: 1 } }]);
  expect(saved.outbox.lane(0)).toMatchObject({ acked: 0, nextSeq: 21, rows: 20 });
  const [slice] = saved.outbox.pieces(0, WINDOW).slices;
  expect(slice).toMatchObject({ first: 1, lastId: places.at(-1)?.id });
  expect(slice?.events[0]).toMatchObject({ id: places[10]?.id, was: [{ epoch, lane: 0, seq: 11 }] });
});

test('with the counters of the lanes lost, the events found say how far they went', async ({ site }) => {
  const store = await site.open();
  await Promise.all(Array.from({ length: 30 }, () => store.outbox.enqueue(STARTED)));
  store.database.write(() => store.outbox.acknowledge(0, 10));
  const saved = await damage(site, store, [rootOf(store, 'lane')]);
  expect(saved.salvaged).toMatchObject({ events: 20, uncounted: [0, 1, 2, 3] });
  expect(saved.outbox.lane(0)).toMatchObject({ nextSeq: 21, rows: 20 });
  expect(await saved.outbox.enqueue(STARTED)).toMatchObject({ seq: 21 });
});

test('commands that were received do not come again, also where it is lost up to where they were', async ({ site }) => {
  const store = await site.open();
  store.database.write(() => {
    store.inbox.enterGen('g1');
    for (const downSeq of [1, 2, 3]) {
      const envelope = { gen: 'g1', cmdId: `c${downSeq}`, downSeq, slot: `s${downSeq}`, rev: 1 };
      store.inbox.insert(envelope, { kind: 'reboot', body: '{}', remainingMs: null, deadlineAtMs: null });
    }
  });
  const saved = await damage(site, store, [rootOf(store, 'meta')]);
  expect(saved.salvaged).toMatchObject({ knowsEpoch: false });
  expect(saved.inbox.cursor()).toEqual({ gen: 'g1', downAcked: 3 });
  expect(saved.inbox.waiting().map(({ cmdId }) => cmdId)).toEqual(['c1', 'c2', 'c3']);
});

test('a command that the card lost comes again, and runs only where that does no harm', async ({ site }) => {
  const store = await site.open();
  const displayId = aDisplay(store);
  const [first, reboot, last] = [1, 2, 3].map((downSeq) => aText({ downSeq, displayId }));
  const commands = [first, { ...reboot, slot: 'hub', kind: 'reboot', body: {} }, last];
  store.database.write(() => store.inbox.enterGen('g1'));
  for (const command of commands) intakeOf(store).take(command);
  const saved = await damage(site, store, [rootOf(store, 'inbox')]);
  expect(saved.salvaged).toMatchObject({ commands: 3 });
  expect(saved.inbox.cursor()).toEqual({ gen: 'g1', downAcked: 0 });
  expect(commands.map((command) => intakeOf(saved).take(command))).toEqual(['known', 'new', 'new']);
  expect(saved.inbox.waiting().map(({ cmdId }) => cmdId)).toEqual([last?.cmdId]);
  expect(saved.displays.require(displayId).pendingPresentationId).toBe(last?.body.presentationId);
  const results = eventsOf(saved).filter(({ type }) => type === 'cmd.result');
  expect(results.map(({ body }) => body)).toMatchObject([
    { cmdId: first?.cmdId, state: 'superseded' },
    { cmdId: first?.cmdId, state: 'superseded' },
    { cmdId: reboot?.cmdId, state: 'unknown', code: 'command.lost' },
  ]);
});

test('of commands that are over none comes again, and none of those that are here', async ({ site }) => {
  const store = await site.open();
  const displayId = aDisplay(store);
  const commands = [1, 2, 3, 4].map((downSeq) => aText({ downSeq, displayId }));
  store.database.write(() => store.inbox.enterGen('g1'));
  for (const command of commands) intakeOf(store).take(command);
  store.database.write(() => store.inbox.forget(2));
  store.database.prepare('DELETE FROM inbox WHERE down_seq = 1').run();
  const saved = await damage(site, store, [1]);
  expect(saved.salvaged).toMatchObject({ commands: 0 });
  expect(saved.inbox.cursor()).toEqual({ gen: 'g1', downAcked: 4 });
});

test('a file of the build before is saved as its own kind, and brought to the newest', ({ dir }) => {
  const path = join(dir, 'old.sqlite');
  const old = new Database(path, migrations.slice(0, 3));
  const insert = old.prepare<[number, string, string]>(
    `INSERT INTO log (lane, seq, id, type, tv, boot, mono_ms, wall_ms, wq, bytes, body)
     VALUES (0, ?, ?, 'hub.started', 1, '01890000-0000-7000-8000-000000000001', 1.5, 2, 1, 3, ?)`,
  );
  for (let seq = 3; seq <= 9; seq += 1)
    if (seq !== 5) insert.run(seq, `01890000-0000-7000-8000-00000000000${seq}`, JSON.stringify(STARTED.body));
  old.prepare("INSERT INTO meta (k, v) VALUES ('epoch', '000000000000000000000000000000aa')").run();
  old.prepare('UPDATE lane SET next_seq = 10, acked = 2, rows = 7, bytes = 21 WHERE lane = 0').run();
  old.close();
  const to = join(dir, 'new.sqlite');
  const deps = { from: path, to, newEpoch: () => 'b'.repeat(32), damagedAt: '2026-01-01T00:00:00.000Z', log: SILENT };
  expect(salvage(deps)).toMatchObject({
    events: 6,
    missing: 1,
    knowsEpoch: true,
  });
  const fresh = new Database(to);
  expect(fresh.prepare('SELECT seq FROM log ORDER BY seq').pluck().all()).toEqual([1, 2, 4, 5, 6, 7]);
  expect(fresh.prepare('SELECT from_pos, to_pos, reason FROM gap').all()).toEqual([
    { from_pos: 5, to_pos: 5, reason: 'corrupt' },
  ]);
  fresh.close();
});

test('a start that stopped in the middle of saving begins it again', async ({ site, dir }) => {
  const store = await site.open();
  await Promise.all(Array.from({ length: 30 }, () => store.outbox.enqueue(STARTED)));
  const saved = await damage(site, store, [1]);
  await saved.close();
  // The new file is in its place, and the mark is not taken away yet.
  const keptAs = 'hub.sqlite.damaged-1767225600000';
  writeFileSync(join(dir, 'hub.sqlite.suspect'), JSON.stringify({ keptAs, what: 'tried' }));
  writeFileSync(join(dir, 'hub.sqlite.salvage'), 'half');
  const again = await site.open();
  expect(again.salvaged).toMatchObject({ events: 30, missing: 0 });
  expect(again.outbox.depth()).toBe(30);
});

test('lanes for which there is no room are left in the damaged file, and named to their end', async ({ site, dir }) => {
  const store = await site.open();
  const { outbox, database } = store;
  const warned = {
    at: '2026-01-01T00:00:00.000Z',
    level: 'warn',
    mod: 'a',
    message: 'b',
    code: null,
    count: 1,
  } as const;
  const events: HubEvent[] = Array.from({ length: 20 }, () => [
    STARTED,
    { type: 'hub.warned', body: warned } as const,
  ]).flat();
  await Promise.all(events.map((event) => outbox.enqueue(event)));
  database.write(() => outbox.acknowledge(3, 5));
  await store.close();
  const [from, to] = [join(dir, 'hub.sqlite'), join(dir, 'new.sqlite')];
  const deps = { from, to, newEpoch: () => 'b'.repeat(32), damagedAt: warned.at, log: SILENT };
  expect(salvage({ ...deps, left: [3] })).toMatchObject({ events: 20, missing: 15, refused: 0 });
  const fresh = new Database(to);
  expect(fresh.prepare('SELECT lane, from_pos, to_pos, reason, rows FROM gap').all()).toEqual([
    { lane: 3, from_pos: 6, to_pos: 20, reason: 'corrupt', rows: 15 },
  ]);
  expect(fresh.prepare('SELECT next, rows FROM lane WHERE lane = 3').get()).toEqual({ next: 21, rows: 0 });
  fresh.close();
});
