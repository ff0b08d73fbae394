import type { Clock } from '../../hardware/index.js';

/** How the exchange with the cloud goes. Times are wall clock, in milliseconds. */
export type SyncStatus = {
  /** Since the process started. */
  lastSuccessMs: number | undefined;
  /** In a row. */
  failures: number;
  lastError: string | undefined;
  /** When the cloud is asked again; undefined: at the next event or interval. */
  nextTryMs: number | undefined;
  /** Exchanges since the process started: `ok`, or the code of what they failed with. */
  outcomes: ReadonlyMap<string, number>;
};

/** The cloud answered, and does not want what this hub says. Nothing is lost, but time alone mends nothing. */
export const REFUSALS: ReadonlySet<string> = new Set(['sync.version', 'sync.refused']);

/** Keeps count of how exchanges ended. */
export class SyncRecord {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #outcomes = new Map<string, number>();
  #lastSuccessMs: number | undefined;
  #failures = 0;
  #lastError: string | undefined;
  #nextTryMs: number | undefined;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** In a row. */
  get failures(): number {
    return this.#failures;
  }

  get lastError(): string | undefined {
    return this.#lastError;
  }

  succeeded(): void {
    this.#count('ok');
    this.#lastSuccessMs = this.#clock.now();
    this.#failures = 0;
    this.#lastError = undefined;
    this.#nextTryMs = undefined;
  }

  failed(code: string, waitMs: number): void {
    this.#count(code);
    this.#failures += 1;
    this.#lastError = code;
    this.#nextTryMs = this.#clock.now() + waitMs;
  }

  status(): SyncStatus {
    return {
      lastSuccessMs: this.#lastSuccessMs,
      failures: this.#failures,
      lastError: this.#lastError,
      nextTryMs: this.#nextTryMs,
      outcomes: this.#outcomes,
    };
  }

  #count(outcome: string): void {
    this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1);
  }
}
