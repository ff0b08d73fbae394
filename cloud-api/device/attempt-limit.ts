import type { Clock } from '../clock.js';

const MOST_KEYS = 10_000;

/** Counts tries per key over a sliding window, in this process. */
export class AttemptLimit {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #max: number;
  readonly #windowMs: number;
  readonly #tries = new Map<string, number[]>();

  constructor({ clock, max, windowMs }: { clock: Pick<Clock, 'now'>; max: number; windowMs: number }) {
    this.#clock = clock;
    this.#max = max;
    this.#windowMs = windowMs;
  }

  isReached(key: string): boolean {
    return this.#recent(key).length >= this.#max;
  }

  note(key: string): void {
    const recent = this.#recent(key);
    this.#tries.delete(key);
    this.#tries.set(key, [...recent, this.#clock.now()]);
    const [oldest] = this.#tries.keys();
    if (this.#tries.size > MOST_KEYS && oldest !== undefined) this.#tries.delete(oldest);
  }

  #recent(key: string): number[] {
    const since = this.#clock.now() - this.#windowMs;
    return (this.#tries.get(key) ?? []).filter((at) => at > since);
  }
}
