import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { CloudError } from '../errors.js';

/** Its holder: a process id, and when the kernel started it, since ids are used again after a reboot. */
const HolderSchema = z.object({ pid: z.number().int().positive(), started: z.string() });

type Holder = z.infer<typeof HolderSchema>;

/**
 * Takes the lock of an embedded database: PGlite lets two processes open one directory and loses rows silently.
 * A lock whose holder is dead is taken over. Returns the function that gives it back.
 * @throws CloudError `database.locked`
 */
export function takeLock(path: string, pid: number): () => void {
  const own: Holder = { pid, started: startOf(pid) ?? 'unknown' };
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      writeFileSync(path, JSON.stringify(own), { flag: 'wx', mode: 0o600 });
      return () => unlinkSync(path);
    } catch (error) {
      const holder = readHolder(path);
      if (holder !== undefined && isAlive(holder)) {
        throw new CloudError('database.locked', `${path} is held by process ${holder.pid}`, {}, { cause: error });
      }
      unlinkSync(path);
    }
  }
  throw new CloudError('database.locked', `${path} was taken by another process just now`);
}

function readHolder(path: string): Holder | undefined {
  try {
    return HolderSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

function isAlive({ pid, started }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  const now = startOf(pid);
  return now === undefined || started === 'unknown' || now === started;
}

/** Start time of a process in clock ticks since boot: field 22 of /proc/pid/stat, proc(5). */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .at(19);
  } catch {
    return undefined;
  }
}
