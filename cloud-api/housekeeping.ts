import type { Logger } from 'pino';
import type { Clock } from './clock.js';

export type Chore = { name: string; everyMs: number; run: () => Promise<void> };

/** Work that comes round again; one that fails is tried again in its next round. */
export class Housekeeping {
  readonly #chores: readonly Chore[];
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  #loops: Promise<void> | undefined;

  constructor(chores: readonly Chore[], { clock, log }: { clock: Clock; log: Logger }) {
    this.#chores = chores;
    this.#clock = clock;
    this.#log = log;
  }

  start(): void {
    this.#loops = Promise.all(this.#chores.map((chore) => this.#loop(chore))).then(() => {});
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loops;
  }

  async #loop({ name, everyMs, run }: Chore): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#clock.sleep(everyMs, signal);
        await run();
      } catch (error) {
        if (!signal.aborted) this.#log.error({ err: error, chore: name }, 'a chore failed');
      }
    }
  }
}
