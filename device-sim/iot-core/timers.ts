import type { Clock } from '../../hardware/index.js';

/** Deadlines on the given clock that all die together. */
export class Timers {
  readonly #clock: Clock;
  readonly #onFailed: (error: unknown) => void;
  readonly #running = new Set<AbortController>();

  #isStopped = false;

  /** `onFailed` hears of actions that threw: nobody waits for them who could. */
  constructor(clock: Clock, onFailed: (error: unknown) => void) {
    this.#clock = clock;
    this.#onFailed = onFailed;
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
    try {
      action();
    } catch (error) {
      this.#onFailed(error);
    }
  }

  #callOff(running: AbortController): void {
    this.#running.delete(running);
    running.abort();
  }
}
