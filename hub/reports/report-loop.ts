import type { Logger } from 'pino';
import type { Clock } from '../../hardware/index.js';
import { Signal } from '../signal.js';

export type ReportLoopDeps = {
  tell: () => Promise<void>;
  /** How long after the last report the next one is due, whatever happens; undefined or absent: only a notice brings one. */
  everyMs?: () => number | undefined;
  clock: Pick<Clock, 'sleep'>;
  log: Logger;
};

/** Tells the cloud of one thing at each notice, several of one moment being one. What cannot be told is left out. */
export class ReportLoop {
  readonly #deps: ReportLoopDeps;
  readonly #due = new Signal();
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(deps: ReportLoopDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  notify(): void {
    this.#due.notify();
  }

  async #run(): Promise<void> {
    const { tell, everyMs, clock, log } = this.#deps;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const ms = everyMs?.();
      if (ms === undefined) await this.#due.wait(signal);
      else await this.#due.waitAtMost(ms, clock, signal);
      if (signal.aborted) return;
      await tell().catch((error: unknown) => log.debug({ err: error }, 'not told'));
    }
  }
}
