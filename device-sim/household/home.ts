import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { SimError } from '../errors.js';

/** The folder in which a household lives, held by one process at a time. */
export type Home = {
  readonly dir: string;
  /** The path of a file or folder in it. */
  path(...parts: string[]): string;
  release(): Promise<void>;
};

const LOCK = 'household.lock';
const PidSchema = z.coerce.number().int().positive();

/**
 * Takes the folder, making it if need be; `fresh` throws away the household that lived there.
 * @throws SimError `household.home-in-use` while another process lives in it,
 *   `household.not-a-home` when `fresh` meets a folder that no household made.
 */
export async function takeHome(dir: string, { fresh }: { fresh: boolean }): Promise<Home> {
  const root = path.resolve(dir);
  await mkdir(root, { recursive: true, mode: 0o700 });
  await lock(root);
  if (fresh) await clear(root);
  return {
    dir: root,
    path: (...parts) => path.join(root, ...parts),
    release: () => rm(path.join(root, LOCK), { force: true }),
  };
}

/** A secret of 32 random bytes in base64url, kept in a file that only its owner reads; made on first use. */
export async function secretFile(file: string): Promise<string> {
  const kept = await readIfThere(file);
  if (kept !== undefined) return kept.trim();
  const secret = randomBytes(32).toString('base64url');
  await writePrivate(file, secret);
  return secret;
}

/** Writes a file that only its owner reads, whole or not at all. */
export async function writePrivate(file: string, content: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${randomBytes(4).toString('hex')}`;
  await writeFile(temporary, content, { mode: 0o600 });
  await rename(temporary, file);
}

/** The text of a file, or undefined where there is none. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (isErrno(cause, 'ENOENT')) return undefined;
    throw cause;
  }
}

async function lock(root: string): Promise<void> {
  const file = path.join(root, LOCK);
  for (;;) {
    try {
      const handle = await open(file, 'wx', 0o600);
      await handle.writeFile(String(process.pid));
      await handle.close();
      return;
    } catch (cause) {
      if (!isErrno(cause, 'EEXIST')) throw cause;
    }
    const holder = PidSchema.safeParse(await readIfThere(file));
    if (holder.success && holder.data !== process.pid && isAlive(holder.data)) {
      throw new SimError('household.home-in-use', `process ${holder.data} lives in ${root}; stop it or give --home`);
    }
    await rm(file, { force: true });
  }
}

async function clear(root: string): Promise<void> {
  const entries = (await readdir(root)).filter((entry) => entry !== LOCK);
  if (entries.length > 0 && !entries.includes('iot-core')) {
    await rm(path.join(root, LOCK), { force: true });
    throw new SimError(
      'household.not-a-home',
      `${root} holds files that no household made: ${entries.slice(0, 3).join(', ')}`,
    );
  }
  for (const entry of entries) await rm(path.join(root, entry), { recursive: true, force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return isErrno(cause, 'EPERM');
  }
}

function isErrno(cause: unknown, code: string): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === code;
}
