import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { SimError } from './errors.js';

/** Who holds the lock: a process id, and when the kernel started it, since ids are used again. */
const HolderSchema = z.object({ pid: z.number().int().positive(), started: z.string() });

type Holder = z.infer<typeof HolderSchema>;

/** For how long a lock may change hands under us before that is an error. */
const ATTEMPTS = 10;
const UNKNOWN = 'unknown';

/**
 * Takes the lock file of a folder; one whose holder is dead is taken over. The returned function gives it back.
 * @throws SimError that `inUse` makes of who has it
 */
export async function takeFolderLock(file: string, inUse: (holder: string) => SimError): Promise<() => Promise<void>> {
  const own = JSON.stringify({ pid: process.pid, started: (await startOf(process.pid)) ?? UNKNOWN });
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (await place(file, own)) return () => giveBack(file, own);
    const found = await readFile(file, 'utf8').catch(() => undefined);
    if (found === undefined) continue;
    const holder = holderIn(found);
    if (holder !== undefined && (await isAlive(holder))) throw inUse(`process ${holder.pid}`);
    await setAside(file, found);
  }
  throw inUse(`one process after the other (${ATTEMPTS} times)`);
}

/** Links a written file into place, so that nobody ever reads a lock without its holder's name. */
async function place(file: string, own: string): Promise<boolean> {
  const draft = besides(file);
  await writeFile(draft, own, { mode: 0o600 });
  try {
    await link(draft, file);
    return true;
  } catch (cause) {
    if (errnoOf(cause) !== 'EEXIST') throw cause;
    return false;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Removes a dead process's lock, but puts it back if it is no longer the one that was read. */
async function setAside(file: string, stale: string): Promise<void> {
  const aside = besides(file);
  try {
    await rename(file, aside);
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return;
    throw cause;
  }
  if ((await readFile(aside, 'utf8')) !== stale) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}

async function giveBack(file: string, own: string): Promise<void> {
  const found = await readFile(file, 'utf8').catch(() => undefined);
  if (found === own) await rm(file, { force: true });
}

function holderIn(text: string): Holder | undefined {
  try {
    return HolderSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

async function isAlive({ pid, started }: Holder): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (cause) {
    if (errnoOf(cause) !== 'EPERM') return false;
  }
  const now = await startOf(pid);
  return now === undefined || started === UNKNOWN || now === started;
}

/** Start time of a process in clock ticks since boot: field 22 of /proc/pid/stat, proc(5); undefined without /proc. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat
    ?.slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .at(19);
}

function besides(file: string): string {
  return `${file}.${randomBytes(4).toString('hex')}`;
}

function errnoOf(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}
