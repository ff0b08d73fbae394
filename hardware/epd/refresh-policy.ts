import { changedPixels } from './difference.js';
import type { Frame } from './frame.js';
import type { PanelSpec, RefreshMode } from './panel-spec.js';

/** What is known of a glass: plain data, to be kept with the display. */
export interface GlassHistory {
  /** What it shows; undefined if nobody knows: before the first refresh, and after one that failed. */
  readonly frame: Frame | undefined;
  readonly partialsSinceFull: number;
  /** The same, each weighted by the area that it changed, from 1/3 to 1; if absent, each counts as 1. */
  readonly ghostSpent?: number;
  /** Wall time in milliseconds; undefined if there was none. */
  readonly lastFullAtMs: number | undefined;
  readonly lastRefreshAtMs: number | undefined;
}

export type RefreshReason =
  | 'glass-unknown'
  | 'daily-full'
  | 'night-wipe'
  | 'ghost-budget'
  | 'temperature'
  | 'large-change'
  | 'small-change'
  | 'no-change';

/** How to refresh, and why. */
export interface RefreshChoice {
  readonly mode: RefreshMode;
  readonly reason: RefreshReason;
  /** Sooner after the last refresh than the vendor advises. */
  readonly early: boolean;
  /** Why the glass must be left alone for now; undefined if it need not. The newest frame then waits, older ones expire. */
  readonly hold: 'too-soon' | 'too-cold' | 'too-hot' | undefined;
}

/** What is known of the room. */
export interface Surroundings {
  /** Unknown is taken for a room's. */
  readonly temperatureC?: number | undefined;
}

/** A glass of which nothing is known. */
export const UNKNOWN_GLASS: GlassHistory = {
  frame: undefined,
  partialsSinceFull: 0,
  ghostSpent: 0,
  lastFullAtMs: undefined,
  lastRefreshAtMs: undefined,
};

/** So that the smallest changes may be three times as many as large ones: 30, the most that users report to be well. */
const LEAST_WEIGHT = 1 / 3;
const ROUNDING = 1e-6;
/** Hours of the household's day in which a flash disturbs nobody. */
const NIGHT = { fromHour: 2, toHour: 5 } as const;
const UNTIL_NEXT_NIGHT_MS = (24 - (NIGHT.toHour - NIGHT.fromHour)) * 60 * 60 * 1_000;

/**
 * Chooses how a frame comes onto the glass.
 *
 * The 180 s that vendors advise between refreshes are kept where every refresh flashes for many seconds (colours). On
 * glass of two inks they are told (`early`) and not kept: a message that was just sent must not wait three minutes, and
 * partial refreshes, which most then are, do not strain the glass as full ones do.
 */
export class RefreshPolicy {
  readonly #spec: PanelSpec;

  constructor(spec: PanelSpec) {
    this.#spec = spec;
  }

  choose(next: Frame, glass: GlassHistory, nowMs: number, room: Surroundings = {}): RefreshChoice {
    const choice = this.#mode(next, glass, nowMs, room);
    return { ...choice, ...this.#manners(glass, nowMs, room) };
  }

  /**
   * What the glass needs when nothing new is to be shown: the daily refresh, or a wipe by night (`localHour` 0 to 23) of
   * what partial refreshes left. Undefined if nothing. A daily refresh that would fall due before the next night is done
   * in this one.
   */
  upkeep(
    glass: Omit<GlassHistory, 'frame'>,
    nowMs: number,
    { localHour, temperatureC }: Surroundings & { localHour?: number },
  ): RefreshChoice | undefined {
    if (glass.lastFullAtMs === undefined) return undefined;
    const isNight = localHour !== undefined && localHour >= NIGHT.fromHour && localHour < NIGHT.toHour;
    const { fullEveryMs } = this.#spec.limits;
    const daily = isDue(glass.lastFullAtMs, isNight ? fullEveryMs - UNTIL_NEXT_NIGHT_MS : fullEveryMs, nowMs);
    if (!daily && !(isNight && glass.partialsSinceFull > 0)) return undefined;
    const reason = daily ? 'daily-full' : 'night-wipe';
    return { mode: 'full', reason, ...this.#manners(glass, nowMs, { temperatureC }) };
  }

  /** Why the glass must be left alone for now, whatever is to be shown. */
  hold(glass: Pick<GlassHistory, 'lastRefreshAtMs'>, nowMs: number, room: Surroundings = {}): RefreshChoice['hold'] {
    return beyond(room, this.#spec.limits.temperatureC.any) ?? (this.restMs(glass, nowMs) > 0 ? 'too-soon' : undefined);
  }

  /** Milliseconds for which the glass must still rest after the last refresh; 0 if it need not. */
  restMs({ lastRefreshAtMs }: Pick<GlassHistory, 'lastRefreshAtMs'>, nowMs: number): number {
    const { minIntervalMs } = this.#spec.limits;
    if (lastRefreshAtMs === undefined || isDue(lastRefreshAtMs, minIntervalMs, nowMs)) return 0;
    return lastRefreshAtMs + minIntervalMs - nowMs;
  }

  /** The history after a refresh that succeeded. */
  after(choice: Pick<RefreshChoice, 'mode'>, frame: Frame, glass: GlassHistory, nowMs: number): GlassHistory {
    if (choice.mode === 'partial' && frame.sha256 === glass.frame?.sha256) return glass;
    const shown = { frame, lastRefreshAtMs: nowMs };
    if (choice.mode === 'full') return { ...shown, partialsSinceFull: 0, ghostSpent: 0, lastFullAtMs: nowMs };
    if (choice.mode === 'fast') return { ...glass, ...shown };
    const { partialsSinceFull } = glass;
    const weight = glass.frame === undefined ? 1 : this.#weight(shareOf(glass.frame, frame));
    return { ...glass, ...shown, partialsSinceFull: partialsSinceFull + 1, ghostSpent: spentOf(glass) + weight };
  }

  #mode(next: Frame, glass: GlassHistory, nowMs: number, room: Surroundings): Pick<RefreshChoice, 'mode' | 'reason'> {
    const { limits, fast, partial } = this.#spec;
    if (glass.frame === undefined || glass.lastFullAtMs === undefined) return { mode: 'full', reason: 'glass-unknown' };
    if (isDue(glass.lastFullAtMs, limits.fullEveryMs, nowMs)) return { mode: 'full', reason: 'daily-full' };
    const share = shareOf(glass.frame, next);
    if (partial !== undefined && share === 0) return { mode: 'partial', reason: 'no-change' };
    if (beyond(room, limits.temperatureC.fast) !== undefined) return { mode: 'full', reason: 'temperature' };
    const isSmall = partial !== undefined && share <= limits.partialShare;
    const spent = spentOf(glass) + (isSmall ? this.#weight(share) : 0);
    if (partial !== undefined && spent > limits.partialsPerFull + ROUNDING)
      return { mode: 'full', reason: 'ghost-budget' };
    if (isSmall) return { mode: 'partial', reason: 'small-change' };
    return { mode: fast === undefined ? 'full' : 'fast', reason: 'large-change' };
  }

  #manners(
    glass: Pick<GlassHistory, 'lastRefreshAtMs'>,
    nowMs: number,
    room: Surroundings,
  ): Pick<RefreshChoice, 'early' | 'hold'> {
    const { lastRefreshAtMs } = glass;
    const early = lastRefreshAtMs !== undefined && !isDue(lastRefreshAtMs, this.#spec.limits.advisedIntervalMs, nowMs);
    return { early, hold: this.hold(glass, nowMs, room) };
  }

  /** What a partial refresh of so large a share takes from the budget. */
  #weight(share: number): number {
    const { partialShare } = this.#spec.limits;
    return Math.min(1, Math.max(LEAST_WEIGHT, partialShare === 0 ? 1 : share / partialShare));
  }
}

/** A wall clock that was set back makes everything due, rather than nothing for as long as it was set back. */
function isDue(sinceMs: number, everyMs: number, nowMs: number): boolean {
  return nowMs < sinceMs || nowMs - sinceMs >= everyMs;
}

function spentOf({ ghostSpent, partialsSinceFull }: GlassHistory): number {
  return ghostSpent ?? partialsSinceFull;
}

function shareOf(before: Frame, after: Frame): number {
  return changedPixels(before, after) / (after.width * after.height);
}

function beyond(
  { temperatureC }: Surroundings,
  { from, to }: { from: number; to: number },
): 'too-cold' | 'too-hot' | undefined {
  if (temperatureC === undefined) return undefined;
  if (temperatureC < from) return 'too-cold';
  return temperatureC > to ? 'too-hot' : undefined;
}
