import assert from 'node:assert';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Clock } from '../../hardware/index.js';
import { SimError } from '../errors.js';
import { built } from './built.js';

export type ProductSpec = {
  name: 'cloud' | 'hub';
  /** The built entry file. */
  script: string;
  /** Its whole environment. */
  env: Record<string, string>;
  logFile: string;
  /** What it may take to leave; longer than it grants itself. */
  stopLimitMs: number;
  clock: Clock;
};

const ReadySchema = z.object({ ready: z.literal(true), url: z.url() });
const READY_LIMIT_MS = 60_000;

/** One of the two products as a process of its own, started as on a machine of its own. */
export class ProductProcess {
  readonly url: string;
  readonly #spec: ProductSpec;
  readonly #child: ChildProcess;
  readonly #gone: Promise<void>;

  private constructor(url: string, spec: ProductSpec, child: ChildProcess) {
    this.url = url;
    this.#spec = spec;
    this.#child = child;
    this.#gone = gone(child);
  }

  /**
   * Starts the process and waits until it says that it is ready; one that does not say so is gone when this rejects.
   * @throws SimError `household.process-not-ready` with its name and where its log is.
   */
  static async start(spec: ProductSpec, signal: AbortSignal): Promise<ProductProcess> {
    signal.throwIfAborted();
    await mkdir(path.dirname(spec.logFile), { recursive: true, mode: 0o700 });
    const log = createWriteStream(spec.logFile, { flags: 'a', mode: 0o600 });
    await once(log, 'open');
    // A session of its own: Ctrl-C in a terminal reaches the household alone, which then stops its parts in order.
    const child = spawn(process.execPath, [built('device-sim', 'household', 'leash.js'), spec.script], {
      env: spec.env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    const { stdout, stderr } = child;
    assert(stdout !== null && stderr !== null);
    // A full disk costs the log, not the household.
    log.on('error', () => stderr.resume());
    stderr.pipe(log);
    try {
      return new ProductProcess(await readyUrl(child, stdout, spec, signal), spec, child);
    } catch (cause) {
      await seeOff(child, gone(child), spec);
      if (signal.aborted) throw signal.reason;
      throw new SimError('household.process-not-ready', `the ${spec.name} did not start; its log is ${spec.logFile}`, {
        cause,
      });
    }
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Resolves when the process has left, with how. */
  async gone(): Promise<string> {
    await this.#gone;
    return howItLeft(this.#child);
  }

  /** Pulls its plug. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#gone;
  }

  /** Asks it to leave; pulls the plug if it has not left in time. */
  async stop(): Promise<void> {
    await seeOff(this.#child, this.#gone, this.#spec);
  }
}

async function readyUrl(
  child: ChildProcess,
  stdout: NodeJS.ReadableStream,
  spec: ProductSpec,
  signal: AbortSignal,
): Promise<string> {
  const over = new AbortController();
  const end = AbortSignal.any([over.signal, signal]);
  const limit = spec.clock.sleep(READY_LIMIT_MS, end).then(() => {
    throw new SimError('household.process-not-ready', `no word from the ${spec.name} in ${READY_LIMIT_MS} ms`);
  });
  const left = once(child, 'exit', { signal: end }).then(() => {
    throw new SimError('household.process-not-ready', `the ${spec.name} ${howItLeft(child)}`);
  });
  try {
    return await Promise.race([firstReadyLine(stdout), limit, left]);
  } finally {
    over.abort();
    await Promise.allSettled([limit, left]);
    stdout.resume();
  }
}

/** Waits for ever if the output ends without the word; the process's end is then the better reason. */
function firstReadyLine(stdout: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve) => {
    createInterface({ input: stdout }).on('line', (line) => {
      const ready = ReadySchema.safeParse(parsed(line));
      if (ready.success) resolve(ready.data.url);
    });
  });
}

/** Not every line that a process prints is JSON. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

async function gone(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) await once(child, 'exit');
}

async function seeOff(
  child: ChildProcess,
  gone: Promise<void>,
  { stopLimitMs, clock }: Pick<ProductSpec, 'stopLimitMs' | 'clock'>,
): Promise<void> {
  child.kill('SIGTERM');
  const left = new AbortController();
  const limit = clock.sleep(stopLimitMs, left.signal).then(
    () => child.kill('SIGKILL'),
    () => undefined,
  );
  await gone;
  left.abort();
  await limit;
}

function howItLeft(child: ChildProcess): string {
  return child.signalCode === null ? `left with code ${child.exitCode}` : `was ended by ${child.signalCode}`;
}
