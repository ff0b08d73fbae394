import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const LIMIT_BYTES = 64 * 1024;

/** A process in which no file may grow past the limit: a write that reaches it takes a part, and says so by its number alone. */
const SCRIPT = `
  const { execFileSync } = await import('node:child_process');
  const { Dumps } = await import(process.env.DUMPS_MODULE);
  execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=${LIMIT_BYTES}']);
  process.on('SIGXFSZ', () => undefined);
  const dumps = new Dumps({ folder: process.env.DUMPS_FOLDER, clock: { now: () => 1 } });
  await dumps.write(new Blob([Buffer.alloc(${2 * LIMIT_BYTES})])).then(
    () => console.log('written'),
    (error) => console.log(error.code),
  );
`;

// A dump without its end was kept as whole, and the whole ones before it were removed in time.
test('a dump that could be written in part only is none', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'inklet-dumps-'));
  const module = pathToFileURL(path.join(import.meta.dirname, 'dumps.ts')).href;
  const env = { PATH: '/usr/bin:/bin', DUMPS_MODULE: module, DUMPS_FOLDER: folder };
  const args = ['--import', 'tsx', '--input-type=module', '--eval', SCRIPT];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  expect(stdout.trim()).toBe('EFBIG');
  expect((await readdir(folder)).filter((name) => name.endsWith('.gz'))).toEqual([]);
  await rm(folder, { recursive: true });
});
