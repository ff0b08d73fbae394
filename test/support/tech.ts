import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { it } from 'vitest';
import { serveHardware } from '../../device-sim/hardware-socket-server.js';
import { Ntag21x, SimNfcReader } from '../../device-sim/index.js';
import { systemClock } from '../../hardware/index.js';
import { outputTo } from '../../provisioning/technician/output.js';
import { readerOpener } from '../../provisioning/technician/reader/open-reader.js';
import { runTool } from '../../provisioning/technician/run-tool.js';

const MAIN = path.resolve(import.meta.dirname, '../../dist/provisioning/technician/main.js');

/** What a command of the technician's tool left behind. */
export type Told = { code: number | null; stdout: string; stderr: string };

/** A command that runs. */
export class TechRun {
  readonly #child: ChildProcess;
  readonly #ended: Promise<Told>;
  readonly #waiting: { words: string; found: () => void }[] = [];
  #stdout = '';
  #stderr = '';

  constructor(argv: readonly string[], cwd: string) {
    this.#child = spawn(process.execPath, [MAIN, ...argv], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stdout?.on('data', (piece) => {
      this.#stdout += piece;
      this.#look();
    });
    this.#child.stderr?.on('data', (piece) => {
      this.#stderr += piece;
      this.#look();
    });
    this.#ended = once(this.#child, 'close').then(() => {
      for (const { found } of this.#waiting.splice(0)) found();
      return { code: this.#child.exitCode, stdout: this.#stdout, stderr: this.#stderr };
    });
  }

  /** Resolves when these words have been told on either stream, or the command has ended. */
  async until(words: string): Promise<void> {
    const said = new Promise<void>((found) => this.#waiting.push({ words, found }));
    this.#look();
    await said;
  }

  async end(signal?: 'SIGINT' | 'SIGKILL'): Promise<Told> {
    if (signal !== undefined) this.#child.kill(signal);
    return await this.#ended;
  }

  #look(): void {
    const told = `${this.#stdout}${this.#stderr}`;
    for (const [at, { words, found }] of [...this.#waiting.entries()].reverse()) {
      if (!told.includes(words)) continue;
      this.#waiting.splice(at, 1);
      found();
    }
  }
}

/** The same command in this process: sooner, where it is not the process that is tested. */
export async function techHere(
  { dir, now = systemClock.now }: { dir: string; now?: () => number },
  ...argv: readonly string[]
): Promise<Told> {
  const said = { stdout: '', stderr: '' };
  const stdout = (text: string): void => {
    said.stdout += text;
  };
  const stderr = (text: string): void => {
    said.stderr += text;
  };
  const clock = { now, monotonic: systemClock.monotonic, sleep: systemClock.sleep };
  const random = () => 0;
  const tool = {
    clock,
    random,
    randomBytes,
    fetch,
    openReader: readerOpener({ clock }),
    output: outputTo({ stdout, stderr }, { json: argv.includes('--json') }),
    signal: new AbortController().signal,
  };
  const before = process.cwd();
  process.chdir(dir);
  try {
    const code = await runTool(argv, tool, stdout);
    return { code, ...said };
  } finally {
    process.chdir(before);
  }
}

/** A reader in this process. */
export function tagBench(): SimNfcReader {
  return new SimNfcReader();
}

/** A new NTAG213, with a UID by its number. */
export function tagNumber(number: number): Ntag21x {
  return new Ntag21x({ uid: Buffer.from(`04${number.toString(16).padStart(12, '0')}`, 'hex') });
}

type Cleanup = { onCleanup: (clean: () => Promise<void>) => void };

/** Fixture: a folder of a technician. */
export async function techDir({ task }: { task: { id: string } }, { onCleanup }: Cleanup): Promise<string> {
  const dir = await mkdtemp(path.join(tmpdir(), `inklet-tech-${task.id.slice(-8)}-`));
  onCleanup(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** Fixture: starts the tool as a process of its own in that folder. */
export function techStart({ dir }: { dir: string }, { onCleanup }: Cleanup): (...argv: string[]) => TechRun {
  const runs: TechRun[] = [];
  onCleanup(async () => {
    for (const run of runs) await run.end('SIGKILL');
  });
  return (...argv) => {
    const run = new TechRun(argv, dir);
    runs.push(run);
    return run;
  };
}

/** Fixture: runs the tool to its end. */
export function techCommand({ start }: { start: (...argv: string[]) => TechRun }) {
  return (...argv: string[]): Promise<Told> => start(...argv).end();
}

/**
 * Tests with a technician and a simulated reader, at the socket `reader.sock` in his folder: `typed` is a command as he types
 * it, `tech` the same in this process.
 */
export const techTest = it
  .extend('dir', techDir)
  .extend('start', techStart)
  .extend('typed', techCommand)
  .extend(
    'tech',
    ({ dir }) =>
      (...argv: string[]) =>
        techHere({ dir }, ...argv),
  )
  .extend('bench', async ({ dir }, { onCleanup }) => {
    const bench = new SimNfcReader();
    const server = await serveHardware({ path: path.join(dir, 'reader.sock'), panels: {}, nfc: bench });
    onCleanup(() => server.stop());
    return bench;
  });

/** For the commands that need a reader: the simulated one, where the tag lies already. */
export const ON_BENCH = ['--hardware-socket', 'reader.sock', '--wait', '0'];
