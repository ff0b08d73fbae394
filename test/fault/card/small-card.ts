import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of its own that holds no more than so many bytes, in a folder of `parent` that is there until it is given back. */
export function mountSmallCard(bytes: number, parent = tmpdir()): { dir: string; unmount: () => void } {
  const dir = mkdtempSync(join(parent, 'inklet-small-card-'));
  const remove = () => rmSync(dir, { recursive: true, force: true });
  try {
    // Only root may mount; where it may not, that is told by mount itself.
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'inklet-small-card', dir], { stdio: 'pipe' });
  } catch (error) {
    remove();
    throw error;
  }
  const unmount = () => {
    execFileSync('umount', ['--lazy', dir]);
    remove();
  };
  return { dir, unmount };
}
