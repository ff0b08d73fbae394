import { appendFileSync, rmSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { mountSmallCard } from './card/small-card.js';

const SOMEBODY_ELSES = 'somebody-elses';
const CHUNK_BYTES = 256 * 1024;

/** A card of its own with little room, on which something else than the hub's takes what is left, and gives it back. */
export type SmallCard = {
  /** The hub's folder. */
  readonly dataDir: string;
  /** Leaves so many bytes. */
  fill(leaveBytes: number): void;
  empty(): void;
  stop(): Promise<void>;
};

/** @throws Error of `mount` where file systems cannot be mounted */
export function startSmallCard(bytes: number): SmallCard {
  const { dir, unmount } = mountSmallCard(bytes);
  const other = path.join(dir, SOMEBODY_ELSES);
  return {
    dataDir: path.join(dir, 'data'),
    fill: (leaveBytes) => {
      const { bavail, bsize } = statfsSync(dir);
      // The hub takes of it too, meanwhile: then it is fuller than was meant.
      for (let left = bavail * bsize - leaveBytes; left > 0; left -= CHUNK_BYTES) {
        if (!hasRoomFor(other, Math.min(left, CHUNK_BYTES))) return;
      }
    },
    empty: () => rmSync(other, { force: true }),
    stop: async () => unmount(),
  };
}

function hasRoomFor(file: string, bytes: number): boolean {
  try {
    appendFileSync(file, Buffer.alloc(bytes));
    return true;
  } catch {
    return false;
  }
}
