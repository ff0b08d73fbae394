import { readFileSync, writeFileSync } from 'node:fs';

const PAGE_BYTES = 4096;
const SECTOR_BYTES = 512;

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

type File = { bytes: Buffer; count: number; pick: (below: number) => number };

function spoil(page: Buffer, kind: Corruption['kind'], { bytes, count, pick }: File): void {
  switch (kind) {
    case 'noise':
      return noise(page, pick);
    case 'zeros':
      return void page.fill(0);
    case 'ones':
      return void page.fill(0xff);
    case 'another page':
      return void bytes.copy(page, 0, PAGE_BYTES * pick(count));
    case 'noisy sector': {
      const at = SECTOR_BYTES * pick(PAGE_BYTES / SECTOR_BYTES);
      return noise(page.subarray(at, at + SECTOR_BYTES), pick);
    }
    case 'flipped bytes':
      for (let flips = 0; flips < 8; flips += 1) {
        const at = pick(PAGE_BYTES);
        page[at] = (page[at] ?? 0) ^ (1 + pick(255));
      }
      return;
  }
}

function noise(part: Buffer, pick: (below: number) => number): void {
  for (let at = 0; at < part.length; at += 1) part[at] = pick(256);
}
