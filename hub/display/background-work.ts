import type { Logger } from 'pino';

/** Work that nobody waits for until the end: its failure is told, and `settled` waits for what is left. */
export class BackgroundWork {
  readonly #log: Pick<Logger, 'error'>;
  readonly #running = new Set<Promise<void>>();

  constructor(log: Pick<Logger, 'error'>) {
    this.#log = log;
  }

  track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => this.#log.error({ err: error }, 'display work failed'))
      .finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }

  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }
}
