import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { pino } from 'pino';
import { v7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { layTemplate } from '../../test/support/cloud-databases.js';
import { StandingClock } from '../../test/support/cloud-devices.js';
import { asSystem, queryRows } from './database.js';
import { readGeneration } from './generation.js';
import { takeLock } from './lock-file.js';
import { type OpenedDatabase, openDatabase } from './open.js';

const NameSchema = z.object({ name: z.string() });
/** Above the highest process id of Linux (2^22): nobody has it. */
const DEAD_PID = 4_194_305;

let root: string;
let clock: StandingClock;
let logged: string[];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'inklet-pglite-'));
  clock = new StandingClock();
  logged = [];
  const dataDir = join(root, 'first');
  await layTemplate(dataDir);
  const opened = await open(dataDir);
  await putHousehold(opened, 'before the dump');
  await opened.dump?.();
  await opened.db.close();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function open(dataDir: string): Promise<OpenedDatabase> {
  const log = pino({}, { write: (line: string) => logged.push(line) });
  return openDatabase({ dataDir, pid: process.pid, clock, log });
}

async function putHousehold({ db }: OpenedDatabase, name: string): Promise<void> {
  await asSystem(db, (tx) =>
    tx.execute(sql`insert into household (id, name, created_at) values (${v7()}, ${name}, now())`),
  );
}

function householdOf({ db }: OpenedDatabase): Promise<{ name: string }[]> {
  return asSystem(db, (tx) => queryRows(tx, NameSchema, sql`select name from household`));
}

/** A copy of the folder that the first start left, for a test to spoil. */
function copy(name: string): string {
  const dataDir = join(root, name);
  cpSync(join(root, 'first'), dataDir, { recursive: true });
  return dataDir;
}

test('what was committed is there after the next start, and only its owner can read it', async () => {
  const dataDir = copy('reopened');
  mkdirSync(join(dataDir, `database.tmp-${DEAD_PID}`));
  const opened = await open(dataDir);
  expect(await householdOf(opened)).toEqual([{ name: 'before the dump' }]);
  await opened.db.close();
  expect(statSync(join(dataDir, 'database')).mode & 0o777).toBe(0o700);
  expect(logged.join('')).toContain('a power cut may lose or damage rows');
});

test('a second opening of one folder is refused while the first lives', async () => {
  const dataDir = copy('locked');
  const opened = await open(dataDir);
  await expect(open(dataDir)).rejects.toMatchObject({ code: 'database.locked' });
  await opened.db.close();
  expect(existsSync(join(dataDir, 'database.lock'))).toBe(false);
});

test.each([
  ['a process that is gone', JSON.stringify({ pid: DEAD_PID, started: '1' })],
  ['a process whose id another has now', JSON.stringify({ pid: process.pid, started: '1' })],
  ['a write that a power cut tore', '{"pid":'],
])('the lock of %s is taken over', (_what, content) => {
  const path = join(mkdtempSync(join(root, 'lock-')), 'database.lock');
  writeFileSync(path, content);
  const release = takeLock(path, process.pid);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid });
  release();
  expect(existsSync(path)).toBe(false);
});

test('three dumps are kept', async () => {
  const dataDir = copy('dumped');
  const opened = await open(dataDir);
  for (let count = 0; count < 3; count += 1) await opened.dump?.();
  await opened.db.close();
  expect(readdirSync(join(dataDir, 'dumps'))).toHaveLength(3);
});

test('a folder that cannot be opened gives way to the last good dump, under a higher incarnation, and it is said', async () => {
  const dataDir = copy('damaged');
  const before = await open(dataDir);
  const gen = await asSystem(before.db, readGeneration);
  await putHousehold(before, 'after the dump');
  await before.db.close();
  rmSync(join(dataDir, 'database', 'global'), { recursive: true });
  writeFileSync(join(dataDir, 'dumps', '999999999999999.tar.gz'), 'torn');
  logged = [];
  const opened = await open(dataDir);
  expect(await householdOf(opened)).toEqual([{ name: 'before the dump' }]);
  expect((await asSystem(opened.db, readGeneration)) > gen).toBe(true);
  await opened.db.close();
  expect(logged.join('')).toContain('restored from a dump; later changes are lost');
  expect(readdirSync(dataDir).some((name) => name.startsWith('database.broken-'))).toBe(true);
});

test('without a dump a damaged folder stays as it is and the start fails', async () => {
  const dataDir = copy('hopeless');
  rmSync(join(dataDir, 'dumps'), { recursive: true });
  rmSync(join(dataDir, 'database', 'global'), { recursive: true });
  await expect(open(dataDir)).rejects.toMatchObject({ code: 'database.unusable' });
  expect(readdirSync(dataDir).sort()).toEqual(['database', 'dumps']);
});
