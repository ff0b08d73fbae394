import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { storageError } from './storage-error.js';

const MarkSchema = z.object({
  /** The name that the damaged file gets, in the same folder. */
  keptAs: z.string().regex(/^[\w.-]+$/),
  what: z.string(),
});

/** What was found, and how the damaged file is called once it is set aside. */
export type Mark = z.infer<typeof MarkSchema>;

/**
 * A small file beside the database that says: damaged, save what is in it. It outlives a stop at any point, and goes when
 * the new database is in its place. Synchronous: damage is met in the middle of a transaction.
 */
export class DamageMark {
  readonly #database: string;
  readonly #path: string;

  constructor(database: string) {
    this.#database = database;
    this.#path = `${database}.suspect`;
  }

  /**
   * One that cannot be read says no less than that there was damage, and is written anew: what was set aside already is
   * all that there is, and keeps its name.
   */
  read(nowMs: number): Mark | undefined {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw storageError(error);
    }
    return (
      parsed(text) ?? this.#write({ keptAs: this.#keptName(nowMs), what: 'the mark of the damage is damaged too' })
    );
  }

  /** On disk when this returns; one that is there already stays. */
  set(what: string, nowMs: number): Mark {
    return this.read(nowMs) ?? this.#write({ keptAs: this.#freeName(nowMs), what });
  }

  clear(): void {
    rmSync(this.#path, { force: true });
    syncFolder(dirname(this.#path));
  }

  #write(mark: Mark): Mark {
    try {
      writeDurably(`${this.#path}.new`, JSON.stringify(mark));
      renameSync(`${this.#path}.new`, this.#path);
      syncFolder(dirname(this.#path));
    } catch (error) {
      throw storageError(error);
    }
    return mark;
  }

  #keptName(nowMs: number): string {
    return (existsSync(this.#database) ? undefined : this.#lastKept()) ?? this.#freeName(nowMs);
  }

  /** A clock that is not set may say the same time at each start. */
  #freeName(nowMs: number): string {
    const folder = dirname(this.#database);
    for (let at = nowMs; ; at += 1) {
      const name = `${basename(this.#database)}.damaged-${at}`;
      if (!existsSync(join(folder, name))) return name;
    }
  }

  /** The file that was set aside last, if any was. */
  #lastKept(): string | undefined {
    const folder = dirname(this.#database);
    const isKept = (name: string) => name.startsWith(`${basename(this.#database)}.damaged-`) && /-\d+$/.test(name);
    const kept = readdirSync(folder).filter(isKept);
    const changedMs = (name: string) => statSync(join(folder, name)).mtimeMs;
    return kept.sort((a, b) => changedMs(b) - changedMs(a))[0];
  }
}

/** Makes what was renamed, made or removed in a folder outlive a power cut. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function parsed(text: string): Mark | undefined {
  try {
    return MarkSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function writeDurably(path: string, text: string): void {
  const file = openSync(path, 'w', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
