import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { SILENT, type Site, test } from '../../test/support/hub-site.js';
import { HubError } from '../errors.js';
import { Database } from './database.js';
import { LastRoom } from './last-room.js';
import { Meta } from './meta.js';
import type { Store } from './store.js';
import { StoreHealth } from './store-health.js';

const PAGE_BYTES = 4096;
const EVENT = {
  type: 'hub.started',
  body: { version: 'a', bootId: '01890000-0000-7000-8000-000000000001' },
} as const;

/** Ends a store as a pulled plug does: nothing is said to the file any more. */
function pullPlug(store: Store): void {
  store.database.close();
}

function overwrite(path: string, page: number, pages = 1): void {
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.fill(0xa5, PAGE_BYTES * (page - 1), PAGE_BYTES * (page - 1 + pages)));
}

function opened(site: Site): Promise<{ store: Store; damage: Promise<string> }> {
  const { promise: damage, resolve } = withResolvers<string>();
  return site.open({ onDamaged: resolve }).then((store) => ({ store, damage }));
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

test('a file in which damage is found while the hub works is set aside at the next start, under a new epoch', async ({
  site,
  dir,
}) => {
  const first = await site.open();
  const { epoch } = first.outbox;
  await Promise.all(Array.from({ length: 200 }, () => first.outbox.enqueue(EVENT)));
  pullPlug(first);
  const pages = readFileSync(join(dir, 'hub.sqlite')).length / PAGE_BYTES;
  overwrite(join(dir, 'hub.sqlite'), pages - 2);
  const { store, damage } = await opened(site);
  expect(store.outbox.epoch).toBe(epoch);
  await expect(damage).resolves.toContain(`${pages - 2}`);
  const again = await site.open();
  expect(again.outbox.epoch).not.toBe(epoch);
  expect(again.meta.get('damaged_at')).toBe('2026-01-01T00:00:00.000Z');
  expect(again.salvaged?.events).toBeGreaterThan(100);
  expect((again.salvaged?.events ?? 0) + (again.salvaged?.missing ?? 0)).toBe(200);
  expect(readdirSync(dir).filter((name) => name.startsWith('hub.sqlite'))).toEqual(
    expect.arrayContaining(['hub.sqlite', expect.stringMatching(/^hub\.sqlite\.damaged-\d+$/)]),
  );
  expect(readdirSync(dir)).not.toContain('hub.sqlite.suspect');
});

test('a commit that meets a damaged page has it marked, and the hub is told once', async ({ site, dir }) => {
  const { store, damage } = await opened(site);
  const { database, outbox } = store;
  await outbox.enqueue(EVENT);
  const root = database.prepare<[], { page: number }>("SELECT rootpage AS page FROM sqlite_schema WHERE name = 'log0'");
  const page = root.get()?.page ?? 0;
  database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
  overwrite(join(dir, 'hub.sqlite'), page);
  // What SQLite has in memory is right; another connection's commit makes it read again.
  const other = new Database(join(dir, 'hub.sqlite'));
  new Meta(other).set('state_rev', '1');
  other.close();
  await expect(outbox.enqueue(EVENT)).rejects.toMatchObject({ code: 'storage.damaged' });
  await expect(damage).resolves.toContain('SQLITE_CORRUPT');
  expect(readdirSync(dir)).toContain('hub.sqlite.suspect');
  // Counters on the card may be so far behind: what may have been in the page is named.
  expect((await site.open()).salvaged).toMatchObject({ events: 0, missing: 256, uncounted: [] });
});

test('after an orderly stop nobody looks through the file; after a pulled plug somebody does', async ({
  site,
  dir,
}) => {
  await site.open();
  const looked = async () => {
    const lines: string[] = [];
    const database = new Database(join(dir, 'hub.sqlite'));
    const log = SILENT.child({});
    Object.defineProperty(log, 'info', { value: (line: string) => lines.push(line) });
    const meta = new Meta(database);
    const path = join(dir, 'hub.sqlite');
    const deps = { path, database, meta, lastRoom: new LastRoom({ path }), now: () => 0 };
    const health = new StoreHealth({ ...deps, onDamaged: undefined, isFresh: false, log });
    health.start();
    await health.whenLooked();
    return { lines, database, health };
  };
  pullPlug(await site.open());
  const afterPlug = await looked();
  expect(afterPlug.lines).toEqual(['the database is whole']);
  await afterPlug.health.close();
  const afterStop = await looked();
  expect(afterStop.lines).toEqual([]);
  await afterStop.health.close();
});

test('a stop before the look is over leaves it to the next start', async ({ site }) => {
  pullPlug(await site.open());
  await (await site.open()).close();
  const database = new Database(join(site.dir, 'hub.sqlite'));
  expect(new Meta(database).get('clean_stop')).toBe('no');
  database.close();
});

test('a card that takes no mark of a start does not keep the hub from starting, and takes it later', async ({
  site,
  dir,
}) => {
  await (await site.open()).close();
  const path = join(dir, 'hub.sqlite');
  const database = new Database(path);
  const meta = new Meta(database);
  const card = { isFull: true };
  const write = <T>(change: () => T): T => {
    if (card.isFull) throw new HubError('storage.full', 'no room');
    return database.write(change);
  };
  const full = { write, onDamage: () => undefined, close: () => database.close() };
  const given = { path, meta, now: () => 0, onDamaged: undefined, isFresh: false, log: SILENT };
  const health = new StoreHealth({ ...given, database: full, lastRoom: new LastRoom({ path }) });
  health.start();
  expect(meta.get('clean_stop')).toBe('yes');
  card.isFull = false;
  health.begin();
  expect(meta.get('clean_stop')).toBe('no');
  await health.close();
});
