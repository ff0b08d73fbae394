/** Time in which nobody wakes before he is told to. */
export class HeldClock {
  readonly #sleepers = new Set<() => void>();

  now(): number {
    return Date.UTC(2026, 0, 1);
  }

  monotonic(): number {
    return 0;
  }

  sleep(_ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) reject(signal.reason);
      const wake = () => {
        this.#sleepers.delete(wake);
        resolve();
      };
      this.#sleepers.add(wake);
      signal?.addEventListener('abort', () => {
        this.#sleepers.delete(wake);
        reject(signal.reason);
      });
    });
  }

  /** How many are asleep. */
  get sleepers(): number {
    return this.#sleepers.size;
  }

  /** Wakes everybody. */
  lapse(): void {
    for (const wake of [...this.#sleepers]) wake();
  }
}
