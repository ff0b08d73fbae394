import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { test } from '../../test/support/hub-site.js';
import { HubError } from '../errors.js';
import { Database } from './database.js';
import { Displays } from './displays.js';
import { migrations } from './migrations/index.js';

test('every open sets what durability rests on', ({ dir }) => {
  const path = join(dir, 'a.sqlite');
  new Database(path).close();
  const database = new Database(path);
  const setting = (name: string) => database.prepare<[], Record<string, unknown>>(`PRAGMA ${name}`).get()?.[name];
  expect(setting('synchronous')).toBe(2);
  expect(setting('journal_mode')).toBe('wal');
  expect(setting('auto_vacuum')).toBe(2);
  expect(setting('foreign_keys')).toBe(1);
  expect(setting('user_version')).toBe(migrations.length);
  database.close();
});

test('an older build refuses the file of a newer one', ({ dir }) => {
  const path = join(dir, 'a.sqlite');
  new Database(path, [...migrations, 'CREATE TABLE later (a INTEGER) STRICT']).close();
  expect(() => new Database(path)).toThrow(expect.objectContaining({ code: 'storage.newer-file' }));
});

test('a newer build adds only the migrations that are missing', ({ dir }) => {
  const path = join(dir, 'a.sqlite');
  new Database(path, ['CREATE TABLE one (a INTEGER) STRICT']).close();
  const database = new Database(path, ['CREATE TABLE one (a INTEGER) STRICT', 'CREATE TABLE two (a INTEGER) STRICT']);
  expect(database.prepare('SELECT * FROM two').all()).toEqual([]);
  database.close();
});

test('a migration that fails leaves the file as it was', ({ dir }) => {
  const path = join(dir, 'a.sqlite');
  expect(() => new Database(path, ['CREATE TABLE one (a INTEGER) STRICT; CREATE TABLE one (a)'])).toThrow();
  const database = new Database(path, []);
  expect(database.prepare('SELECT * FROM sqlite_schema').all()).toEqual([]);
  database.close();
});

test('a display of the first release comes over with what its glass has been through', ({ dir }) => {
  const path = join(dir, 'a.sqlite');
  const old = new Database(path, migrations.slice(0, 1));
  old
    .prepare(
      `INSERT INTO display (display_id, panel, name, frame_sha256, glass, awake, partials_since_full, updated_ms)
       VALUES ('a', '7in5_V2', 'Kitchen', 'f', 'known', 0, 3, 1)`,
    )
    .run();
  old.close();
  const database = new Database(path);
  expect(new Displays(database).require('a')).toMatchObject({
    frameSha256: 'f',
    partialsSinceFull: 3,
    ghostSpent: 3,
    lastFullMs: null,
    lastRefreshMs: null,
  });
  database.close();
});

test('nobody hears of a commit that did not happen', ({ dir }) => {
  const database = new Database(join(dir, 'a.sqlite'));
  const heard: string[] = [];
  expect(() =>
    database.write(() => {
      database.afterCommit(() => heard.push('first'));
      throw new RangeError('no');
    }),
  ).toThrow(RangeError);
  database.write(() => database.afterCommit(() => heard.push('second')));
  expect(heard).toEqual(['second']);
  database.close();
});

test('what is not a database at all is set aside too', async ({ site, dir }) => {
  writeFileSync(join(dir, 'hub.sqlite'), 'not a database, but longer than the header of one'.repeat(100));
  const store = await site.open();
  expect(store.outbox.depth()).toBe(0);
});

test('a part of a transaction that throws is undone alone', async ({ store }) => {
  const { database, meta } = store;
  database.write(() => {
    meta.set('down_gen', 'kept');
    const part = () =>
      database.write(() => {
        meta.set('down_gen', 'undone');
        throw new RangeError('no');
      });
    expect(part).toThrow(RangeError);
  });
  expect(meta.get('down_gen')).toBe('kept');
});

test('what fails after a commit does not do the commit again', ({ dir }) => {
  const database = new Database(join(dir, 'a.sqlite'));
  database.prepare('CREATE TABLE one (a INTEGER) STRICT').run();
  const insert = database.prepare('INSERT INTO one VALUES (1)');
  database.onFull((attempt) => attempt === 1);
  expect(() =>
    database.write(() => {
      insert.run();
      database.afterCommit(() => {
        throw new HubError('storage.full', 'of somebody else');
      });
    }),
  ).toThrow('of somebody else');
  expect(database.prepare('SELECT a FROM one').all()).toHaveLength(1);
  database.close();
});
