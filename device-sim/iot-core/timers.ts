import type { Clock } from '../../hardware/index.js';

/** Deadlines on the given clock that all die together. */
export class Timers {
  readonly #clock: Clock;
  readonly #running = new Set<AbortController>();

  #isStopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs the action once after `delayMs`; the returned function calls it off. After `stop` nothing runs any more. */
  after(delayMs: number, action: () => void): () => void {
    const running = new AbortController();
    if (this.#isStopped) return () => undefined;
    this.#running.add(running);
    void this.#wait(delayMs, action, running);
    return () => this.#callOff(running);
  }

  stop(): void {
    this.#isStopped = true;
    for (const running of this.#running) this.#callOff(running);
  }

  async #wait(delayMs: number, action: () => void, running: AbortController): Promise<void> {
    try {
      await this.#clock.sleep(delayMs, running.signal);
    } catch {
      return; // only an abort ends a sleep early
    }
    if (running.signal.aborted) return;
    this.#running.delete(running);
    action();
  }

  #callOff(running: AbortController): void {
    this.#running.delete(running);
    running.abort();
  }
}
