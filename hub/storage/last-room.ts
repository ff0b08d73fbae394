import { readdirSync, rmSync, statfsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { HubError } from '../errors.js';
import type { Ballast } from './ballast.js';

/** With less than this on the card, what SQLite calls a failure of the card is one of room. */
const LEAST_BYTES = 1024 * 1024;

/**
 * Room for opening and saving the database on a card that is full, when there is no queue yet that could give way: the
 * ballast, then what is left of earlier damage, then pictures that can be fetched again.
 */
export class LastRoom {
  readonly #path: string;
  readonly #ballast: Pick<Ballast, 'release'> | undefined;
  readonly #caches: readonly string[];
  /** Whether the ballast went for it. */
  hasReleased = false;

  /** `path` is that of the database; `caches` are folders of files that the hub can do without. */
  constructor(options: { path: string; ballast?: Pick<Ballast, 'release'>; caches?: readonly string[] }) {
    this.#path = options.path;
    this.#ballast = options.ballast;
    this.#caches = options.caches ?? [];
  }

  /** What `work` gives, which is done again for as long as room can be made. `keep`: the damaged file that is still needed. */
  during<T>(work: () => T, keep?: string): T {
    for (;;) {
      try {
        return work();
      } catch (error) {
        if (!(error instanceof HubError) || !this.#make(error, keep)) throw error;
      }
    }
  }

  /** Whether an error says that there is no room: SQLite has other words for it too. */
  isOfRoom(error: unknown): boolean {
    if (!(error instanceof HubError)) return false;
    return error.code === 'storage.full' || (error.code === 'storage.failing' && this.#isFull());
  }

  #make(error: HubError, keep: string | undefined): boolean {
    if (error.code !== 'storage.full' && error.code !== 'storage.failing') return false;
    if (this.#ballast?.release() === true) {
      this.hasReleased = true;
      return true;
    }
    return this.isOfRoom(error) && (this.removeDamaged(keep) || this.#clearCaches());
  }

  /** Removes what was set aside, but for the one to keep; whether there was something. */
  removeDamaged(keep?: string): boolean {
    const prefix = `${basename(this.#path)}.damaged-`;
    return removed(dirname(this.#path), (name) => {
      return name.startsWith(prefix) && (keep === undefined || !name.startsWith(keep));
    });
  }

  #clearCaches(): boolean {
    return this.#caches.map((folder) => removed(folder, () => true)).includes(true);
  }

  #isFull(): boolean {
    try {
      const { bavail, bsize } = statfsSync(dirname(this.#path));
      return bavail * bsize < LEAST_BYTES;
    } catch {
      return false;
    }
  }
}

/** Never throws; whether any file went. */
function removed(folder: string, isWanted: (name: string) => boolean): boolean {
  try {
    const names = readdirSync(folder).filter(isWanted);
    for (const name of names) rmSync(join(folder, name), { force: true, recursive: true });
    return names.length > 0;
  } catch {
    return false;
  }
}
