import { join } from 'node:path';
import { expect } from 'vitest';
import { test } from '../../test/support/hub-site.js';
import { Database } from './database.js';
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
