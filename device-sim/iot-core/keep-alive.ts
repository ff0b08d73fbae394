import type { Clock } from '../../hardware/index.js';
import type { Timers } from './timers.js';

const FACTOR = 1.5;

/** Finds out that a client has been silent for one and a half of its keep-alive intervals. */
export class KeepAlive {
  readonly #deps: { clock: Clock; timers: Timers; limitMs: number; onSilent: () => void };
  #lastHeardMs: number;
  #callOff: () => void = () => undefined;

  constructor(deps: { clock: Clock; timers: Timers; keepAliveS: number; onSilent: () => void }) {
    this.#deps = { ...deps, limitMs: deps.keepAliveS * 1000 * FACTOR };
    this.#lastHeardMs = deps.clock.monotonic();
    this.#watch(this.#deps.limitMs);
  }

  hear(): void {
    this.#lastHeardMs = this.#deps.clock.monotonic();
  }

  stop(): void {
    this.#callOff();
  }

  #watch(delayMs: number): void {
    const { clock, limitMs, onSilent, timers } = this.#deps;
    this.#callOff = timers.after(delayMs, () => {
      const leftMs = this.#lastHeardMs + limitMs - clock.monotonic();
      if (leftMs > 0) this.#watch(leftMs);
      else onSilent();
    });
  }
}
