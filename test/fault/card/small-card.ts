import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of its own that holds no more than so many bytes, in a folder that is there until it is given back. */
export function mountSmallCard(bytes: number): { dir: string; unmount: () => void } {
  const dir = mkdtempSync(join(tmpdir(), 'inklet-small-card-'));
  // Only root may mount; where it may not, that is told by mount itself.
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'inklet-small-card', dir]);
  const unmount = () => {
    execFileSync('umount', ['--lazy', dir]);
    rmSync(dir, { recursive: true, force: true });
  };
  return { dir, unmount };
}
