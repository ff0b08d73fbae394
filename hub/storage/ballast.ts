import { rmSync } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { freeBytes } from './free-bytes.js';
import { storageError } from './storage-error.js';

/** Source: sync protocol, section 6. */
const BALLAST_BYTES = 8 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;
/** A file system may keep a file of zeros as a hole, which would be no ballast. */
const FILLING = 0xa5;
/** It comes back only where it does not fill the card again. */
const ROOM_FACTOR = 4;

/**
 * A file that is thrown overboard when the card is full: without it even the delete of what the cloud has acknowledged
 * finds no room.
 */
export class Ballast {
  readonly #path: string;
  readonly #bytes: number;
  readonly #freeBytes: () => Promise<number | null>;

  /** `freeBytes` is what the card still takes. */
  constructor(options: { path: string; bytes?: number; freeBytes?: () => Promise<number | null> }) {
    this.#path = options.path;
    this.#bytes = options.bytes ?? BALLAST_BYTES;
    this.#freeBytes = options.freeBytes ?? (() => freeBytes(dirname(this.#path)));
  }

  /** Synchronous, as it happens between two attempts at a commit; false if there was none. */
  release(): boolean {
    try {
      rmSync(this.#path);
      return true;
    } catch {
      return false;
    }
  }

  /** Whether it is there, whole. */
  async isKept(): Promise<boolean> {
    const found = await stat(this.#path).catch(() => undefined);
    return found?.size === this.#bytes;
  }

  /** Writes it again once there is room; whether it is there. @throws HubError `storage.failing` */
  async restore(): Promise<boolean> {
    if (await this.isKept()) return true;
    const free = await this.#freeBytes();
    if (free === null || free < this.#bytes * ROOM_FACTOR) return false;
    const temporary = `${this.#path}.new`;
    try {
      await this.#fill(temporary);
      await rename(temporary, this.#path);
      return true;
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw storageError(error);
    }
  }

  async #fill(path: string): Promise<void> {
    const file = await open(path, 'w');
    try {
      await this.#write(file);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async #write(file: FileHandle): Promise<void> {
    const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, this.#bytes), FILLING);
    for (let written = 0; written < this.#bytes; ) {
      const { bytesWritten } = await file.write(chunk, 0, Math.min(chunk.length, this.#bytes - written));
      written += bytesWritten;
    }
  }
}
