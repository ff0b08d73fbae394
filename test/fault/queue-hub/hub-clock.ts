import { type Clock, systemClock } from '../../../hardware/index.js';

/** What takes a hub a second takes this part of it here, and what takes minutes less. */
const HASTE = 1 / 20;
const HASTE_OF_MINUTES = 1 / 200;
const MINUTE_MS = 60_000;

/** A clock whose waits are short, and whose wall time may be set; what has passed is as much as it was. */
export class HubClock implements Clock {
  #aheadMs: number;

  constructor(aheadMs: number) {
    this.#aheadMs = aheadMs;
  }

  /** No system's clock goes back beyond 1970. */
  now(): number {
    return Math.max(0, Math.round(systemClock.now() + this.#aheadMs));
  }

  monotonic(): number {
    return systemClock.monotonic();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms * (ms > MINUTE_MS ? HASTE_OF_MINUTES : HASTE), signal);
  }

  jump(ms: number): void {
    this.#aheadMs += ms;
  }
}
