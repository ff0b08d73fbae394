import type { Clock, Frame, GlassHistory, RefreshMode, RefreshPolicy } from '../../hardware/index.js';
import { type Displays, isCleared, type Wear } from '../storage/displays.js';

export type GlassRecordDeps = {
  displayId: string;
  displays: Pick<Displays, 'require'>;
  policy: Pick<RefreshPolicy, 'after'>;
  clock: Pick<Clock, 'now' | 'monotonic'>;
};

/**
 * What one glass has been through, over restarts. Its times are kept by the wall clock as it was at the start and by
 * what has passed since, so that a wall clock that is set neither shortens a rest nor makes it longer.
 */
export class GlassRecord {
  readonly #deps: GlassRecordDeps;
  #history: GlassHistory | undefined;
  #wallAheadMs: number | undefined;

  constructor(deps: GlassRecordDeps) {
    this.#deps = deps;
  }

  /** The frame is one that this process has painted: what happened to the glass before, nobody saw. */
  get history(): GlassHistory {
    this.#history ??= this.#recalled();
    return this.#history;
  }

  /** The moment on the time line of `history`, in milliseconds. */
  get nowMs(): number {
    const { clock } = this.#deps;
    this.#wallAheadMs ??= clock.now() - clock.monotonic();
    return clock.monotonic() + this.#wallAheadMs;
  }

  /** The frame that the glass shows as far as the store knows; undefined after a refresh that did not end. */
  get shownSha256(): string | undefined {
    const { glass, frameSha256 } = this.#deps.displays.require(this.#deps.displayId);
    return glass === 'known' ? (frameSha256 ?? undefined) : undefined;
  }

  /** What was on the glass is nobody's business any more, and nothing has come onto it since. */
  get isCleared(): boolean {
    return isCleared(this.#deps.displays.require(this.#deps.displayId));
  }

  /** A refresh has ended. */
  painted(mode: RefreshMode, frame: Frame): void {
    this.#history = this.#deps.policy.after({ mode }, frame, this.history, this.nowMs);
  }

  /** A refresh has failed: nobody knows what the glass shows. One that was driven must rest all the same. */
  lost({ driven }: { driven: boolean }): void {
    const { history, nowMs } = this;
    this.#history = { ...history, frame: undefined, ...(driven ? { lastRefreshAtMs: nowMs } : {}) };
  }

  /** What the store keeps of it. */
  get wear(): Wear {
    const { partialsSinceFull, ghostSpent, lastFullAtMs, lastRefreshAtMs } = this.history;
    const aheadMs = this.#deps.clock.now() - this.nowMs;
    const wallMs = (atMs: number | undefined) => (atMs === undefined ? null : Math.round(atMs + aheadMs));
    return {
      partialsSinceFull,
      ghostSpent: ghostSpent ?? partialsSinceFull,
      lastFullMs: wallMs(lastFullAtMs),
      lastRefreshMs: wallMs(lastRefreshAtMs),
    };
  }

  #recalled(): GlassHistory {
    const { partialsSinceFull, ghostSpent, lastFullMs, lastRefreshMs } = this.#deps.displays.require(
      this.#deps.displayId,
    );
    const lastFullAtMs = lastFullMs ?? undefined;
    // A wall clock that lost its time with the power must not end a rest: it begins anew.
    const lastRefreshAtMs = lastRefreshMs === null ? undefined : Math.min(lastRefreshMs, this.nowMs);
    return { frame: undefined, partialsSinceFull, ghostSpent, lastFullAtMs, lastRefreshAtMs };
  }
}
