import type { Clock } from '../hardware/index.js';

type Sleeper = { dueMs: number; wake: () => void };

/** 2026-01-01T00:00:00Z: any day does, as long as it is always the same. */
const START_MS = 1_767_225_600_000;

/**
 * Time that passes when it is told to. With `auto`, it jumps to the next sleeper as soon as the event loop has nothing
 * better to do: for worlds in one process that wait for nothing but this clock.
 */
export class VirtualClock implements Clock {
  readonly #auto: boolean;
  readonly #sleepers = new Set<Sleeper>();
  #wallMs: number;
  #elapsedMs = 0;
  #jumping = false;

  constructor({ auto = false, startMs = START_MS }: { auto?: boolean; startMs?: number } = {}) {
    this.#auto = auto;
    this.#wallMs = startMs;
  }

  now(): number {
    return this.#wallMs + this.#elapsedMs;
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const sleeper: Sleeper = {
        dueMs: this.#elapsedMs + Math.max(0, ms),
        wake: () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
      };
      const abort = (): void => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#sleepers.add(sleeper);
      if (this.#auto) this.#jumpSoon();
    });
  }

  /** Lets time pass, waking each sleeper at its own moment, and resolves when all have had their turn. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#elapsedMs + ms;
    await nextTurn();
    while (this.#wakeNext(untilMs)) await nextTurn();
    this.#elapsedMs = untilMs;
  }

  /** Sets the wall clock forward or back, as NTP does; nobody wakes from it. */
  jumpWall(ms: number): void {
    this.#wallMs += ms;
  }

  #jumpSoon(): void {
    if (this.#jumping) return;
    this.#jumping = true;
    setImmediate(() => {
      this.#jumping = false;
      this.#wakeNext(Number.POSITIVE_INFINITY);
      if (this.#sleepers.size > 0) this.#jumpSoon();
    });
  }

  #wakeNext(untilMs: number): boolean {
    let next: Sleeper | undefined;
    for (const sleeper of this.#sleepers) if (next === undefined || sleeper.dueMs < next.dueMs) next = sleeper;
    if (next === undefined || next.dueMs > untilMs) return false;
    this.#sleepers.delete(next);
    this.#elapsedMs = Math.max(this.#elapsedMs, next.dueMs);
    next.wake();
    return true;
  }
}

/** A clock that runs `factor` times as fast as another, from the moment it is made. */
export function scaledClock(clock: Clock, factor: number): Clock {
  const wallStart = clock.now();
  const start = clock.monotonic();
  return {
    now: () => wallStart + (clock.now() - wallStart) * factor,
    monotonic: () => (clock.monotonic() - start) * factor,
    sleep: (ms, signal) => clock.sleep(ms / factor, signal),
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
