import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { HubError } from '../errors.js';
import { storageError } from './storage-error.js';

const NAME = /^[0-9a-f]{64}$/;
const TEMPORARY = /^\.new-/;

/** Bytes by their SHA-256, one file each: whole or absent after a power cut, and never more than the limit holds. */
export class Blobs {
  readonly #folder: string;
  readonly #limitBytes: number;
  readonly #now: () => number;
  readonly #keep: () => ReadonlySet<string>;

  /** `keep` names what is never removed for room. `now` is the wall clock in milliseconds. */
  constructor(options: { folder: string; limitBytes: number; now: () => number; keep?: () => ReadonlySet<string> }) {
    this.#folder = options.folder;
    this.#limitBytes = options.limitBytes;
    this.#now = options.now;
    this.#keep = options.keep ?? (() => new Set());
  }

  /** Makes the folder and removes what an interrupted write left behind. Synchronous: at once, also while the card is busy. */
  open(): void {
    mkdirSync(this.#folder, { recursive: true });
    for (const name of readdirSync(this.#folder)) {
      if (TEMPORARY.test(name)) rmSync(join(this.#folder, name), { force: true });
    }
  }

  /** On disk under its hash when this resolves. @throws HubError `storage.full`, `storage.failing` */
  async put(bytes: Uint8Array): Promise<string> {
    const sha256 = hashOf(bytes);
    const path = join(this.#folder, sha256);
    if (await this.#touch(path)) return sha256;
    const temporary = join(this.#folder, `.new-${randomUUID()}`);
    try {
      await writeAndSync(temporary, bytes);
      await rename(temporary, path);
      await this.#syncFolder();
    } catch (error) {
      // Half a file would take room from those who need it now.
      await rm(temporary, { force: true }).catch(() => undefined);
      throw storageError(error);
    }
    await this.#touch(path);
    await this.#makeRoom(sha256);
    return sha256;
  }

  /** The bytes, or undefined where they are absent; damaged ones are removed and count as absent. */
  async get(sha256: string): Promise<Uint8Array | undefined> {
    if (!NAME.test(sha256)) return undefined;
    const path = join(this.#folder, sha256);
    let bytes: Uint8Array;
    try {
      bytes = await readFile(path);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw new HubError('storage.damaged-blob', `cannot read ${path}`, { cause: error });
    }
    if (hashOf(bytes) !== sha256) {
      await rm(path, { force: true });
      return undefined;
    }
    await this.#touch(path);
    return bytes;
  }

  /** Removes every blob but those named. */
  async clear(keep: ReadonlySet<string> = new Set()): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      if (NAME.test(name) && !keep.has(name)) await rm(join(this.#folder, name), { force: true });
    }
  }

  async #touch(path: string): Promise<boolean> {
    const seconds = this.#now() / 1000;
    try {
      await utimes(path, seconds, seconds);
      return true;
    } catch {
      return false;
    }
  }

  async #syncFolder(): Promise<void> {
    const folder = await open(this.#folder, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  async #makeRoom(newest: string): Promise<void> {
    const files: { name: string; bytes: number; usedMs: number }[] = [];
    for (const name of await readdir(this.#folder)) {
      if (!NAME.test(name)) continue;
      const found = await stat(join(this.#folder, name)).catch(() => undefined);
      if (found !== undefined) files.push({ name, bytes: found.size, usedMs: found.mtimeMs });
    }
    let totalBytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const keep = this.#keep();
    files.sort((a, b) => a.usedMs - b.usedMs);
    for (const file of files) {
      if (totalBytes <= this.#limitBytes) return;
      if (file.name === newest || keep.has(file.name)) continue;
      await rm(join(this.#folder, file.name), { force: true });
      totalBytes -= file.bytes;
    }
  }
}

async function writeAndSync(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
