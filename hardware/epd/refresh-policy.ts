import { changedPixels } from './difference.js';
import type { Frame } from './frame.js';
import type { PanelSpec, RefreshMode } from './panel-spec.js';

/** What is known of a glass: plain data, to be kept with the display. */
export interface GlassHistory {
  /** What it shows; undefined if nobody knows: before the first refresh, and after one that failed. */
  readonly frame: Frame | undefined;
  readonly partialsSinceFull: number;
  /** Wall time in milliseconds; undefined if there was none. */
  readonly lastFullAtMs: number | undefined;
  readonly lastRefreshAtMs: number | undefined;
}

/** How to refresh, and why. */
export interface RefreshChoice {
  readonly mode: RefreshMode;
  readonly reason: 'glass-unknown' | 'daily-full' | 'ghost-budget' | 'large-change' | 'small-change' | 'no-change';
  /** Sooner after the last refresh than the vendor advises. */
  readonly early: boolean;
}

/** A glass of which nothing is known. */
export const UNKNOWN_GLASS: GlassHistory = {
  frame: undefined,
  partialsSinceFull: 0,
  lastFullAtMs: undefined,
  lastRefreshAtMs: undefined,
};

/**
 * Chooses how a frame comes onto the glass.
 *
 * The 180 s that vendors advise between refreshes are told (`early`) and not kept: a message that was just sent must
 * not wait three minutes, and partial refreshes, which most then are, do not strain the glass as full ones do.
 */
export class RefreshPolicy {
  readonly #spec: PanelSpec;

  constructor(spec: PanelSpec) {
    this.#spec = spec;
  }

  choose(next: Frame, glass: GlassHistory, nowMs: number): RefreshChoice {
    const { advisedIntervalMs } = this.#spec.limits;
    const early = glass.lastRefreshAtMs !== undefined && !isDue(glass.lastRefreshAtMs, advisedIntervalMs, nowMs);
    return { ...this.#mode(next, glass, nowMs), early };
  }

  /** The history after a refresh that succeeded. */
  after(choice: Pick<RefreshChoice, 'mode'>, frame: Frame, glass: GlassHistory, nowMs: number): GlassHistory {
    if (choice.mode === 'partial' && frame.sha256 === glass.frame?.sha256) return glass;
    if (choice.mode === 'full') return { frame, partialsSinceFull: 0, lastFullAtMs: nowMs, lastRefreshAtMs: nowMs };
    const partials = choice.mode === 'partial' ? 1 : 0;
    return { ...glass, frame, partialsSinceFull: glass.partialsSinceFull + partials, lastRefreshAtMs: nowMs };
  }

  #mode(next: Frame, glass: GlassHistory, nowMs: number): Omit<RefreshChoice, 'early'> {
    const { limits, fast, partial } = this.#spec;
    if (glass.frame === undefined || glass.lastFullAtMs === undefined) return { mode: 'full', reason: 'glass-unknown' };
    if (isDue(glass.lastFullAtMs, limits.fullEveryMs, nowMs)) return { mode: 'full', reason: 'daily-full' };
    const share = changedPixels(glass.frame, next) / (next.width * next.height);
    if (partial !== undefined && share === 0) return { mode: 'partial', reason: 'no-change' };
    if (glass.partialsSinceFull >= limits.partialsPerFull) return { mode: 'full', reason: 'ghost-budget' };
    if (partial !== undefined && share <= limits.partialShare) {
      return { mode: 'partial', reason: 'small-change' };
    }
    return { mode: fast === undefined ? 'full' : 'fast', reason: 'large-change' };
  }
}

/** A wall clock that was set back makes everything due, rather than nothing for as long as it was set back. */
function isDue(sinceMs: number, everyMs: number, nowMs: number): boolean {
  return nowMs < sinceMs || nowMs - sinceMs >= everyMs;
}
