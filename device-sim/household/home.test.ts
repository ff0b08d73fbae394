import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test as base, expect } from 'vitest';
import { readIfThere, secretFile, takeHome, writePrivate } from './home.js';

const test = base
  .extend('dir', async ({ task }, { onCleanup }) => {
    const dir = await mkdtemp(path.join(tmpdir(), `inklet-home-${task.id}-`));
    onCleanup(() => rm(dir, { recursive: true, force: true }));
    return dir;
  })
  .extend('root', ({ dir }) => path.join(dir, 'a home'))
  .extend('stranger', async ({ task: _ }, { onCleanup }) => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
    onCleanup(() => void child.kill('SIGKILL'));
    await once(child, 'spawn');
    return {
      pid: child.pid ?? 0,
      end: async () => {
        child.kill('SIGKILL');
        await once(child, 'exit');
      },
    };
  });

const lockOf = (root: string) => path.join(root, 'household.lock');

test('a home is made for its owner alone, and given back', async ({ root }) => {
  const home = await takeHome(root, { fresh: false });
  expect((await stat(root)).mode & 0o777).toBe(0o700);
  expect(home.path('a', 'b')).toBe(path.join(root, 'a', 'b'));
  expect((await stat(lockOf(root))).mode & 0o777).toBe(0o600);

  await home.release();
  await home.release();
  expect(await readdir(root)).toEqual(['.inklet-household']);
});

test('nobody else takes a home while its process lives', async ({ root, stranger }) => {
  const home = await takeHome(root, { fresh: false });
  await expect(takeHome(root, { fresh: false })).rejects.toMatchObject({
    code: 'household.home-in-use',
    message: expect.stringContaining(`process ${process.pid} lives in ${root}`),
  });
  await home.release();

  await writeFile(lockOf(root), JSON.stringify({ pid: stranger.pid, started: await startOf(stranger.pid) }));
  await expect(takeHome(root, { fresh: true })).rejects.toMatchObject({
    code: 'household.home-in-use',
    message: expect.stringContaining(`process ${stranger.pid} lives in`),
  });
});

test('of two who come at once, one gets the home', async ({ root }) => {
  const comers = await Promise.allSettled(Array.from({ length: 8 }, () => takeHome(root, { fresh: false })));
  expect(comers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect((await readdir(root)).filter((entry) => entry.startsWith('household.lock'))).toEqual(['household.lock']);
});

test('the lock of a dead process is taken over', async ({ root, stranger }) => {
  await mkdir(root);
  await writeFile(lockOf(root), JSON.stringify({ pid: stranger.pid, started: await startOf(stranger.pid) }));
  await stranger.end();
  await expectTaken(root);
});

// After a reboot, or in a container, another process soon has the number of the one that died.
test('a lock whose process id another process has by now is taken over', async ({ root, stranger }) => {
  await mkdir(root);
  await writeFile(lockOf(root), JSON.stringify({ pid: stranger.pid, started: '1' }));
  await expectTaken(root);
});

test.for(['', 'no holder', '4711'])('a lock that holds %j names nobody and is taken over', async (text, { root }) => {
  await mkdir(root);
  await writeFile(lockOf(root), text);
  await expectTaken(root);
});

test('who has lost a home does not take away the lock of its next owner', async ({ root }) => {
  const first = await takeHome(root, { fresh: false });
  await rm(lockOf(root));
  await writeFile(lockOf(root), 'the next owner');
  await first.release();
  expect(await readFile(lockOf(root), 'utf8')).toBe('the next owner');
});

test('fresh throws away what a household made', async ({ root }) => {
  const home = await takeHome(root, { fresh: false });
  await writePrivate(home.path('factory', 'factory.json'), '{}');
  await home.release();
  await (await takeHome(root, { fresh: true })).release();
  expect(await readdir(root)).toEqual(['.inklet-household']);
  await (await takeHome(root, { fresh: true })).release();
});

// A source folder of this project has a subfolder iot-core, as a home has.
test('fresh throws away nothing where others had files before', async ({ root }) => {
  await mkdir(path.join(root, 'iot-core'), { recursive: true });
  await writeFile(path.join(root, 'thesis.txt'), 'ten years');
  await (await takeHome(root, { fresh: false })).release();
  await expect(takeHome(root, { fresh: true })).rejects.toMatchObject({
    code: 'household.not-a-home',
    message: expect.stringContaining('thesis.txt'),
  });
  expect((await readdir(root)).sort()).toEqual(['iot-core', 'thesis.txt']);
});

test('what is no folder is no home', async ({ root }) => {
  await writeFile(root, '');
  await expect(takeHome(root, { fresh: false })).rejects.toMatchObject({
    code: 'household.not-a-home',
    message: expect.stringContaining(root),
  });
});

test('each PostgreSQL has a household of its own in the home, whatever its password', async ({ root }) => {
  const pathFor = async (databaseUrl?: string) => {
    const home = await takeHome(root, { fresh: false, databaseUrl });
    await home.release();
    return home.path('x');
  };
  const one = await pathFor('postgres://me:old@db/one');
  expect(await pathFor('postgres://me:new@db/one')).toBe(one);
  expect(new Set([one, await pathFor('postgres://me@db/two'), await pathFor()]).size).toBe(3);
  expect(one.startsWith(path.join(root, 'postgres'))).toBe(true);
});

test('a secret is long, read by its owner alone, and the same the second time', async ({ dir }) => {
  const file = path.join(dir, 'secrets', 'token');
  const secret = await secretFile(file);
  expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700);
  expect(await secretFile(file)).toBe(secret);
});

test('a private file is replaced whole, and its draft is gone', async ({ dir }) => {
  const file = path.join(dir, 'x');
  await writePrivate(file, 'the first text');
  await writePrivate(file, 'second');
  expect(await readIfThere(file)).toBe('second');
  expect(await readdir(dir)).toEqual(['x']);
  expect(await readIfThere(path.join(dir, 'y'))).toBeUndefined();
  await expect(readIfThere(dir)).rejects.toMatchObject({ code: 'EISDIR' });
});

async function expectTaken(root: string): Promise<void> {
  const home = await takeHome(root, { fresh: false });
  expect(JSON.parse(await readFile(lockOf(root), 'utf8'))).toMatchObject({ pid: process.pid });
  await home.release();
}

/** Field 22 of /proc/pid/stat, proc(5). */
async function startOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
