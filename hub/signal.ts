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
