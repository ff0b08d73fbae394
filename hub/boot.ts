import type { Clock } from '../hardware/index.js';

const DAY_MS = 24 * 60 * 60 * 1000;
// A clock before this was never set: a Pi without network starts at its image's date or in 1970.
const EARLIEST_PLAUSIBLE_MS = Date.UTC(2025, 0, 1);
const TRUSTED_OFFSET_MS = 5000;

/** The moment something happened, as an event records it. */
export type Moment = { boot: string; monoMs: number; wallMs: number; wq: 0 | 1 | 2 };

/** One run of the process, and how far its clock can be trusted. Source: sync protocol, section 5. */
export class Boot {
  readonly id: string;
  readonly #clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly #startedMonoMs: number;
  /** When the wall clock last agreed with the cloud's, and how far it was ahead of the monotonic one. */
  #agreed: { monoMs: number; aheadMs: number } | undefined;

  constructor(id: string, clock: Pick<Clock, 'now' | 'monotonic'>) {
    this.id = id;
    this.#clock = clock;
    this.#startedMonoMs = clock.monotonic();
  }

  now(): Moment {
    // Whole milliseconds: the digits behind them would be a tenth of what an event takes on the wire.
    const monoMs = Math.floor(this.#clock.monotonic() - this.#startedMonoMs);
    const wallMs = Math.round(this.#clock.now());
    return { boot: this.id, monoMs, wallMs, wq: this.#quality(monoMs, wallMs) };
  }

  /** Compares the wall clock with the cloud's, as a reply told it that took so long from its request on. */
  heardServerTime(serverMs: number, rttMs = 0): void {
    const monoMs = this.#clock.monotonic() - this.#startedMonoMs;
    const wallMs = this.#clock.now();
    // The cloud looked at its clock somewhere in between.
    const aheadMs = wallMs - serverMs;
    const agrees = aheadMs >= -TRUSTED_OFFSET_MS && aheadMs - rttMs <= TRUSTED_OFFSET_MS;
    this.#agreed = agrees ? { monoMs, aheadMs: wallMs - monoMs } : undefined;
  }

  #quality(monoMs: number, wallMs: number): 0 | 1 | 2 {
    if (wallMs < EARLIEST_PLAUSIBLE_MS) return 0;
    if (this.#agreed === undefined || monoMs - this.#agreed.monoMs >= DAY_MS) return 1;
    const jumpMs = Math.abs(wallMs - monoMs - this.#agreed.aheadMs);
    return jumpMs <= TRUSTED_OFFSET_MS ? 2 : 1;
  }
}

/** RFC 3339 in UTC with milliseconds. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString();
}
