import type { Clock } from '../../hardware/index.js';

/** What was seen in a round, and when. */
export class History {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #startMs: number;
  readonly #lines: string[] = [];

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
    this.#startMs = clock.monotonic();
  }

  note(what: string): void {
    this.#lines.push(`${(this.#clock.monotonic() - this.#startMs).toFixed(1).padStart(9)} ms  ${what}`);
  }

  get lines(): readonly string[] {
    return this.#lines;
  }
}
