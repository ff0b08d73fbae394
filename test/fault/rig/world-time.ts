import type { Clock } from '../../../hardware/index.js';

type Sleeper = { clock: RigClock; dueMs: number; wake: () => void };

/** The one true time of a round, which passes only when the schedule says so. */
export class WorldTime {
  #sleepers: Sleeper[] = [];
  nowMs: number;

  constructor(startMs: number) {
    this.nowMs = startMs;
  }

  /** When the next of those who sleep wakes; undefined if nobody does. */
  get nextMs(): number | undefined {
    return this.#sleepers.reduce<number | undefined>(
      (least, { dueMs }) => (least === undefined || dueMs < least ? dueMs : least),
      undefined,
    );
  }

  /** Whoever sleeps until then or earlier is woken, in the order of their times. */
  moveTo(ms: number): void {
    this.nowMs = Math.max(this.nowMs, ms);
    const due = this.#sleepers.filter(({ dueMs }) => dueMs <= this.nowMs).sort((a, b) => a.dueMs - b.dueMs);
    this.#sleepers = this.#sleepers.filter(({ dueMs }) => dueMs > this.nowMs);
    for (const { wake } of due) wake();
  }

  isAsleep(clock: RigClock): boolean {
    return this.#sleepers.some((sleeper) => sleeper.clock === clock);
  }

  /** Nobody who slept on this clock ever wakes: its process is gone. */
  forget(clock: RigClock): void {
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.clock !== clock);
  }

  sleep(clock: RigClock, ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        this.#sleepers = this.#sleepers.filter((one) => one !== sleeper);
        reject(signal?.reason);
      };
      const wake = () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const sleeper: Sleeper = { clock, dueMs: this.nowMs + Math.max(0, ms), wake };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }
}

/** The clocks of one board: the wall clock may be wrong and jump, the monotonic one begins anew with each power-on. */
export class RigClock implements Clock {
  readonly #time: WorldTime;
  #startedMs: number;
  #wallOffMs = 0;

  constructor(time: WorldTime) {
    this.#time = time;
    this.#startedMs = time.nowMs;
  }

  now(): number {
    return this.#time.nowMs + this.#wallOffMs;
  }

  monotonic(): number {
    return this.#time.nowMs - this.#startedMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.#time.sleep(this, ms, signal);
  }

  /** Sets the wall clock so far off the true time. */
  jumpTo(offMs: number): void {
    this.#wallOffMs = offMs;
  }
}
