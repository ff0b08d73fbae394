import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { postgresPrograms } from './postgres.js';

const run = promisify(execFile);

/** Tests with a folder of their own, in which a household may live. */
export const test = it.extend('dir', async ({ task }, { onCleanup }) => {
  const dir = await mkdtemp(path.join(tmpdir(), `inklet-box-${task.id}-`));
  onCleanup(() => rm(dir, { recursive: true, force: true }));
  return dir;
});

/** The command as a newcomer types it after a build, on free ports, with its state in the folder. */
export function box(dir: string, flags: readonly string[], env: Record<string, string>) {
  const argv = ['dist/device-sim/main.js', '--home', path.join(dir, 'home'), ...flags];
  return run(process.execPath, argv, { env: { PATH: process.env.PATH ?? '', HOME: dir, ...env } });
}

/** Where PostgreSQL's programs are, in a list that is empty on a machine without them; CI must have them. */
export function serverPrograms(): string[] {
  const programs = postgresPrograms();
  if (programs !== undefined) return [programs];
  expect(process.env.CI, 'CI must have the Debian package postgresql').toBeUndefined();
  return [];
}
