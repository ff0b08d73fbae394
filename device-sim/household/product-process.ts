import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Clock } from '../../hardware/index.js';
import { SimError } from '../errors.js';

export type ProductSpec = {
  name: 'cloud' | 'hub';
  /** The built entry file. */
  script: string;
  /** Its whole environment. */
  env: Record<string, string>;
  logFile: string;
  clock: Clock;
  /** Called when the process leaves without having been asked to. */
  onGone?: (how: string) => void;
};

const ReadySchema = z.object({ ready: z.literal(true), url: z.url() });
const READY_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 8_000;

/** One of the two products as a process of its own, started as on a machine of its own. */
export class ProductProcess {
  readonly #spec: ProductSpec;
  readonly #child: ChildProcess;
  readonly #gone: Promise<unknown>;
  readonly url: string;
  #asked = false;

  private constructor(spec: ProductSpec, child: ChildProcess, url: string) {
    this.#spec = spec;
    this.#child = child;
    this.url = url;
    this.#gone = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : Promise.resolve();
    void this.#gone.then(() => {
      if (!this.#asked) spec.onGone?.(howItLeft(child));
    });
  }

  /**
   * Starts the process and waits until it says that it is ready.
   * @throws SimError `household.process-not-ready` with its name and where its log is.
   */
  static async start(spec: ProductSpec, signal: AbortSignal): Promise<ProductProcess> {
    await mkdir(path.dirname(spec.logFile), { recursive: true });
    const log = createWriteStream(spec.logFile, { flags: 'a', mode: 0o600 });
    const child = spawn(process.execPath, [spec.script], { env: spec.env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stderr.pipe(log);
    try {
      return new ProductProcess(spec, child, await readyUrl(child, child.stdout, spec, signal));
    } catch (cause) {
      child.kill('SIGKILL');
      if (signal.aborted) throw signal.reason;
      throw new SimError('household.process-not-ready', `the ${spec.name} did not start; its log is ${spec.logFile}`, {
        cause,
      });
    }
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Resolves when the process has left. */
  async gone(): Promise<void> {
    await this.#gone;
  }

  /** Pulls its plug. */
  async kill(): Promise<void> {
    this.#asked = true;
    this.#child.kill('SIGKILL');
    await this.#gone;
  }

  /** Asks it to leave; pulls the plug if it has not left in time. */
  async stop(): Promise<void> {
    this.#asked = true;
    this.#child.kill('SIGTERM');
    const left = new AbortController();
    const limit = this.#spec.clock.sleep(STOP_LIMIT_MS, left.signal).then(
      () => this.#child.kill('SIGKILL'),
      () => undefined,
    );
    await this.#gone;
    left.abort();
    await limit;
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
    return await Promise.race([firstReadyLine(stdout, spec), limit, left]);
  } finally {
    over.abort();
    await Promise.allSettled([limit, left]);
    stdout.resume();
  }
}

async function firstReadyLine(stdout: NodeJS.ReadableStream, spec: ProductSpec): Promise<string> {
  const lines = createInterface({ input: stdout });
  for await (const line of lines) {
    try {
      const ready = ReadySchema.safeParse(JSON.parse(line));
      if (ready.success) return ready.data.url;
    } catch {
      // Not every line that a process prints is JSON.
    }
  }
  throw new SimError('household.process-not-ready', `the ${spec.name} closed its output before it was ready`);
}

function howItLeft(child: ChildProcess): string {
  return child.signalCode === null ? `left with code ${child.exitCode}` : `was ended by ${child.signalCode}`;
}
