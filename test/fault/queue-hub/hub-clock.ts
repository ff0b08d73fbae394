import { type Clock, systemClock } from '../../../hardware/index.js';

/** What takes a hub a second takes this part of it here. */
const HASTE = 1 / 20;

/** A clock whose waits are short, and whose wall time may be set; what has passed is as much as it was. */
export class HubClock implements Clock {
  #aheadMs: number;

  constructor(aheadMs: number) {
    this.#aheadMs = aheadMs;
  }

  now(): number {
    return Math.round(systemClock.now() + this.#aheadMs);
  }

  monotonic(): number {
    return systemClock.monotonic();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms * HASTE, signal);
  }

  jump(ms: number): void {
    this.#aheadMs += ms;
  }
}
