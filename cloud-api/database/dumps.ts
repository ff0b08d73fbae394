import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Clock } from '../clock.js';

const KEPT = 3;
const DUMP_NAME = /^(\d{15})\.tar\.gz$/;

/** The dumps of an embedded database, newest last; three are kept. */
export class Dumps {
  readonly #folder: string;
  readonly #clock: Clock;

  constructor({ folder, clock }: { folder: string; clock: Clock }) {
    this.#folder = folder;
    this.#clock = clock;
  }

  list(): { path: string }[] {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    return readdirSync(this.#folder)
      .filter((name) => DUMP_NAME.test(name))
      .sort()
      .map((name) => ({ path: join(this.#folder, name) }));
  }

  async write(dump: Blob): Promise<void> {
    const last = DUMP_NAME.exec(this.list().at(-1)?.path.split('/').at(-1) ?? '')?.[1];
    // A clock that was set back must not let the new dump pass for an old one.
    const at = Math.max(this.#clock.now(), Number(last ?? 0) + 1);
    const path = join(this.#folder, `${String(at).padStart(15, '0')}.tar.gz`);
    writeDurably(`${path}.tmp`, Buffer.from(await dump.arrayBuffer()));
    renameSync(`${path}.tmp`, path);
    for (const old of this.list().slice(0, -KEPT)) rmSync(old.path);
  }

  async read(path: string): Promise<Blob> {
    // Inflated here: PGlite inflates in a stream whose failure nobody can catch, and would take the process with it.
    return new Blob([gunzipSync(readFileSync(path))], { type: 'application/x-tar' });
  }
}

function writeDurably(path: string, bytes: Buffer): void {
  const file = openSync(path, 'w', 0o600);
  try {
    // All of it: one write may take a part, and a dump that lacks its end restores nothing.
    writeFileSync(file, bytes);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
