import { readFileSync, writeFileSync } from 'node:fs';

const PAGE_BYTES = 4096;
const SECTOR_BYTES = 512;
const FLIPS = 8;

/** What happens to a place in a file on a worn card. */
export const CORRUPTIONS = ['noise', 'zeros', 'ones', 'another page', 'noisy sector', 'flipped bytes'] as const;

export type Corruption = { kind: (typeof CORRUPTIONS)[number]; page: number };

/** Corrupts pages of a file; gives what was done. `random`: 0 to 1. */
export function corrupt(path: string, pages: number, random: () => number): Corruption[] {
  const bytes = readFileSync(path);
  const count = bytes.length / PAGE_BYTES;
  const pick = (below: number) => Math.floor(random() * below);
  const done = Array.from({ length: pages }, () => {
    const kind = CORRUPTIONS[pick(CORRUPTIONS.length)] ?? 'noise';
    const page = pick(count);
    spoil(bytes.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES), kind, { bytes, pick, count });
    return { kind, page: page + 1 };
  });
  writeFileSync(path, bytes);
  return done;
}

type PickBelow = (below: number) => number;
type File = { bytes: Buffer; count: number; pick: PickBelow };

function spoil(page: Buffer, kind: Corruption['kind'], { bytes, count, pick }: File): void {
  switch (kind) {
    case 'noise':
      noise(page, pick);
      break;
    case 'zeros':
      page.fill(0);
      break;
    case 'ones':
      page.fill(0xff);
      break;
    case 'another page':
      bytes.copy(page, 0, PAGE_BYTES * pick(count));
      break;
    case 'noisy sector': {
      const at = SECTOR_BYTES * pick(PAGE_BYTES / SECTOR_BYTES);
      noise(page.subarray(at, at + SECTOR_BYTES), pick);
      break;
    }
    case 'flipped bytes':
      for (let flips = 0; flips < FLIPS; flips += 1) {
        const at = pick(PAGE_BYTES);
        page[at] = (page[at] ?? 0) ^ (1 + pick(255));
      }
  }
}

function noise(part: Buffer, pick: PickBelow): void {
  for (let at = 0; at < part.length; at += 1) part[at] = pick(256);
}
