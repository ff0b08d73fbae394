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
  async wait(signal?: AbortSignal): Promise<boolean> {
    if (!this.#noticed && signal?.aborted !== true) await this.#nextNotice(signal);
    const noticed = this.#noticed;
    this.#noticed = false;
    return noticed;
  }

  /** The same, but for no longer than `ms`. Whether there was a notice. */
  async waitAtMost(ms: number, clock: Pick<Clock, 'sleep'>, signal: AbortSignal): Promise<boolean> {
    const over = new AbortController();
    const end = AbortSignal.any([over.signal, signal]);
    const limit = clock.sleep(ms, end).then(
      () => over.abort(),
      () => undefined,
    );
    const noticed = await this.wait(end);
    over.abort();
    await limit;
    return noticed;
  }

  /** Takes back a notice for which nobody waits. */
  clear(): void {
    this.#noticed = false;
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
