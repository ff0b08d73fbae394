import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import type { Step } from './history.js';

const NEWLINE = 0x0a;
const CHUNK_BYTES = 64 * 1024;

/** A step as its process tells it; when and by whom is added here. */
export type Told = Step extends infer S ? (S extends Step ? Omit<S, 'at' | 'mono' | 'proc'> : never) : never;

/** Two clocks of the machine, never those that a hub is made to believe. */
export type TrueClock = { now: () => number; monotonic: () => number };

/** Appends steps to the file of one process. A step is with the system when `note` returns, so that a SIGKILL leaves it. */
export class HistoryWriter {
  readonly #file: number;
  readonly #proc: string;
  readonly #clock: TrueClock;

  /** What a killed process left half written at the end of the file is cut off. */
  constructor(path: string, { proc, clock }: { proc: string; clock: TrueClock }) {
    this.#file = openSync(path, 'a+');
    this.#proc = proc;
    this.#clock = clock;
    ftruncateSync(this.#file, endOfLastLine(this.#file));
  }

  note(told: Told): void {
    const head = { at: this.#clock.now(), mono: this.#clock.monotonic(), proc: this.#proc };
    writeSync(this.#file, `${JSON.stringify({ ...head, ...told })}\n`);
  }

  close(): void {
    closeSync(this.#file);
  }
}

function endOfLastLine(file: number): number {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  for (let end = fstatSync(file).size; end > 0; ) {
    const start = Math.max(0, end - CHUNK_BYTES);
    const bytes = readSync(file, chunk, 0, end - start, start);
    const newline = chunk.subarray(0, bytes).lastIndexOf(NEWLINE);
    if (newline >= 0) return start + newline + 1;
    end = start;
  }
  return 0;
}
