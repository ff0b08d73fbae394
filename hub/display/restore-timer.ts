import type { Clock } from '../../hardware/index.js';

/** The longest that a screen may be shown for; a clock that was set back must not make it longer. */
const MAX_WAIT_MS = 60 * 60 * 1000;

/** Waits for the moment at which what was on the glass before comes back to it; one such moment at a time. */
export class RestoreTimer {
  readonly #clock: Pick<Clock, 'now' | 'sleep'>;
  #waiting: AbortController | undefined;

  constructor(clock: Pick<Clock, 'now' | 'sleep'>) {
    this.#clock = clock;
  }

  /** Calls `restore` at that moment of the wall clock, unless it is cancelled, run again, or the signal aborts. */
  async run(atMs: number, signal: AbortSignal, restore: () => void): Promise<void> {
    this.cancel();
    const waiting = new AbortController();
    this.#waiting = waiting;
    const ended = AbortSignal.any([waiting.signal, signal]);
    const waitMs = Math.min(Math.max(0, atMs - this.#clock.now()), MAX_WAIT_MS);
    await this.#clock.sleep(waitMs, ended).catch(() => undefined);
    if (!ended.aborted) restore();
  }

  cancel(): void {
    this.#waiting?.abort();
  }
}
