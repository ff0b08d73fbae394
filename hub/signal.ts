import type { Clock } from '../hardware/index.js';

/** Wakes one waiting loop. A notice that comes before the wait is not lost; several count as one. */
export class Signal {
  #noticed = false;
  #resolve: (() => void) | undefined;

  notify(): void {
    this.#noticed = true;
    this.#resolve?.();
  }

  /** Resolves at the next notice, at once if there was one since the last wait, or when the signal aborts. */
  async wait(signal?: AbortSignal): Promise<void> {
    if (!this.#noticed && signal?.aborted !== true) await this.#nextNotice(signal);
    this.#noticed = false;
  }

  /** The same, but for no longer than `ms`. */
  async waitAtMost(ms: number, clock: Pick<Clock, 'sleep'>, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const end = AbortSignal.any([over.signal, signal]);
    const limit = clock.sleep(ms, end).then(
      () => over.abort(),
      () => undefined,
    );
    await this.wait(end);
    over.abort();
    await limit;
  }

  async #nextNotice(signal: AbortSignal | undefined): Promise<void> {
    let onAbort = () => {};
    await new Promise<void>((resolve) => {
      onAbort = resolve;
      this.#resolve = resolve;
      signal?.addEventListener('abort', onAbort, { once: true });
    });
    signal?.removeEventListener('abort', onAbort);
    this.#resolve = undefined;
  }
}
