import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SimError } from '../errors.js';
import { takeFolderLock } from '../folder-lock.js';

/** The folder in which a household lives, held by one process at a time. */
export type Home = {
  /** The folder that the person named, where what is meant for him lies. */
  readonly dir: string;
  /** The path of a file or folder that the household keeps: in the folder, or in a room of it for each PostgreSQL. */
  path(...parts: string[]): string;
  release(): Promise<void>;
};

const LOCK = 'household.lock';
/** Says that the folder was empty when a household moved in, so that all of it may be thrown away. */
const MARK = '.inklet-household';
const ROOM_DIGITS = 12;

/**
 * Takes the folder, making it if need be; `fresh` throws away the household that lived there.
 * A household's hub and account are known to its own database alone, so each PostgreSQL has a household of its own.
 * @throws SimError `household.home-in-use` while another process lives in it,
 *   `household.not-a-home` for what is no folder, or when `fresh` meets files that no household made.
 */
export async function takeHome(
  dir: string,
  { fresh, databaseUrl }: { fresh: boolean; databaseUrl?: string | undefined },
): Promise<Home> {
  const root = path.resolve(dir);
  await openFolder(root);
  const release = await takeFolderLock(
    path.join(root, LOCK),
    (holder) => new SimError('household.home-in-use', `${holder} lives in ${root}; stop it or give --home`),
  );
  try {
    if ((await entriesOf(root)).length === 0) await writeFile(path.join(root, MARK), '');
    if (fresh) await clear(root);
  } catch (cause) {
    await release();
    throw cause;
  }
  const rooms = databaseUrl === undefined ? root : path.join(root, 'postgres', roomOf(databaseUrl));
  return { dir: root, path: (...parts) => path.join(rooms, ...parts), release };
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
export async function writePrivate(file: string, content: string | Uint8Array): Promise<void> {
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
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw cause;
  }
}

async function openFolder(root: string): Promise<void> {
  try {
    await mkdir(root, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new SimError('household.not-a-home', `${root} is no folder to live in`, { cause });
  }
}

async function clear(root: string): Promise<void> {
  const entries = await entriesOf(root);
  if (!entries.includes(MARK)) {
    throw new SimError(
      'household.not-a-home',
      `${root} held files before a household moved in, among them ${entries.slice(0, 3).join(', ')}: delete it yourself`,
    );
  }
  for (const entry of entries) {
    if (entry !== MARK) await rm(path.join(root, entry), { recursive: true, force: true });
  }
}

async function entriesOf(root: string): Promise<string[]> {
  return (await readdir(root)).filter((entry) => !entry.startsWith(LOCK));
}

/** The same for each password of a user, and no secret. */
function roomOf(databaseUrl: string): string {
  const url = URL.canParse(databaseUrl) ? new URL(databaseUrl) : undefined;
  if (url !== undefined) url.password = '';
  return createHash('sha256')
    .update(url?.href ?? databaseUrl)
    .digest('hex')
    .slice(0, ROOM_DIGITS);
}
