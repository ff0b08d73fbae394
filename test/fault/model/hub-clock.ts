import { LIMITS, type Rules } from './rules.js';
import type { Anchor, Moment } from './types.js';

const EARLIEST_PLAUSIBLE_MS = Date.UTC(2025, 0, 1);
const DAY_MS = 24 * 60 * 60 * 1000;

/** The clocks of one hub: a monotonic one since its boot, and a wall clock that anybody may set. Source: sync protocol, section 5. */
export class HubClock {
  readonly #deps: { rules: Rules; newName: (kind: string) => string; nowMs: () => number };
  #boot: string;
  #startedMs: number;
  #aheadMs = 0;
  #agreed: { monoMs: number; aheadMs: number } | undefined;

  constructor(deps: { rules: Rules; newName: (kind: string) => string; nowMs: () => number }) {
    this.#deps = deps;
    this.#boot = deps.newName('b');
    this.#startedMs = deps.nowMs();
  }

  now(): Moment {
    const nowMs = this.#deps.nowMs();
    const monoMs = nowMs - this.#startedMs;
    const wallMs = nowMs + this.#aheadMs;
    return { boot: this.#boot, monoMs, wallMs, wq: this.#deps.rules.hub.clockQuality(this.#quality(monoMs, wallMs)) };
  }

  restart(): void {
    this.#boot = this.#deps.newName('b');
    this.#startedMs = this.#deps.nowMs();
    this.#agreed = undefined;
  }

  jump(byMs: number): void {
    this.#aheadMs += byMs;
  }

  /** The reply to what was asked at `askedMs` came, and names the cloud's time of some moment between. */
  heard(serverMs: number, askedMs: number): Anchor {
    const { boot, monoMs, wallMs } = this.now();
    const rttMs = monoMs - askedMs;
    const agrees = Math.abs(wallMs - serverMs) + rttMs <= LIMITS.trustMs;
    this.#agreed = agrees ? { monoMs, aheadMs: wallMs - monoMs } : undefined;
    return { boot, monoMs, serverMs, rttMs };
  }

  #quality(monoMs: number, wallMs: number): 0 | 1 | 2 {
    if (wallMs < EARLIEST_PLAUSIBLE_MS) return 0;
    if (this.#agreed === undefined || monoMs - this.#agreed.monoMs >= DAY_MS) return 1;
    return Math.abs(wallMs - monoMs - this.#agreed.aheadMs) <= LIMITS.trustMs ? 2 : 1;
  }
}
