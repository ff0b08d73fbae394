import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CloudContext } from '../context.js';
import { removeLeftovers } from './leftovers.js';

/** Bytes that came in whole and lie beside the store until they are kept or let go. */
export type Arrival = { path: string; sizeBytes: number; sha256: string };

const NAME = /^[0-9a-f]{64}$/;

/** Files on disk by the SHA-256 of their bytes. */
export class AssetStore {
  readonly #folder: string;
  readonly #arriving: string;
  readonly #newId: () => string;

  constructor({ settings, newId }: Pick<CloudContext, 'settings' | 'newId'>) {
    this.#folder = join(settings.dataDir, 'assets');
    this.#arriving = join(this.#folder, 'arriving');
    this.#newId = newId;
  }

  /** Writes a stream down as it comes; the caller keeps the arrival or lets it go. */
  async receive(chunks: AsyncIterable<Uint8Array>): Promise<Arrival> {
    await mkdir(this.#arriving, { recursive: true });
    const path = join(this.#arriving, this.#newId());
    const hash = createHash('sha256');
    let sizeBytes = 0;
    const file = await open(path, 'wx');
    try {
      for await (const chunk of chunks) {
        hash.update(chunk);
        sizeBytes += chunk.length;
        await file.writeFile(chunk);
      }
      await file.sync();
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    return { path, sizeBytes, sha256: hash.digest('hex') };
  }

  /** Gives an arrival its place; once this resolves it survives a power cut. */
  async keep({ path, sha256 }: Arrival): Promise<void> {
    const folder = join(this.#folder, sha256.slice(0, 2));
    await mkdir(folder, { recursive: true });
    await rename(path, join(folder, sha256));
    for (const changed of [folder, this.#folder]) {
      const handle = await open(changed);
      await handle.sync().finally(() => handle.close());
    }
  }

  readArrival({ path }: Arrival): Promise<Buffer> {
    return readFile(path);
  }

  /** Removes what was not kept. */
  async letGo({ path }: Arrival): Promise<void> {
    await rm(path, { force: true });
  }

  /** Removes arrivals that a killed process left behind. */
  async tidy(nowMs: number): Promise<void> {
    await removeLeftovers(this.#arriving, { nowMs, isLeftover: () => true });
  }

  /** The bytes of an asset; undefined when there are none of this name, or what lies there has rotted. */
  async read(sha256: string): Promise<Buffer | undefined> {
    if (!NAME.test(sha256)) return undefined;
    try {
      const bytes = await readFile(join(this.#folder, sha256.slice(0, 2), sha256));
      return createHash('sha256').update(bytes).digest('hex') === sha256 ? bytes : undefined;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }
}
