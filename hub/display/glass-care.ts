import type { RefreshPolicy, RefreshReason, Surroundings } from '../../hardware/index.js';
import type { GlassRecord } from './glass-record.js';

/** Why a glass is left alone for now, and for how long if that is known. */
export type Rest = { why: 'too-soon' | 'too-cold' | 'too-hot'; leftMs: number | undefined };

export type GlassCareDeps = {
  policy: Pick<RefreshPolicy, 'hold' | 'restMs' | 'upkeep'>;
  glass: Pick<GlassRecord, 'history' | 'nowMs' | 'shownSha256' | 'isCleared'>;
  /** Beside the panel; undefined: not known, and taken for a room's. */
  roomTemperatureC: () => Promise<number | undefined>;
  /** 0 to 23, where the household lives. */
  localHour: () => number;
};

/** What is good for one glass, by the refresh policy: when to leave it alone, and when to wipe it. */
export class GlassCare {
  readonly #deps: GlassCareDeps;

  constructor(deps: GlassCareDeps) {
    this.#deps = deps;
  }

  /** Whether this glass rests after each refresh. */
  get restsAfterRefresh(): boolean {
    const { policy, glass } = this.#deps;
    const { nowMs } = glass;
    return policy.restMs({ lastRefreshAtMs: nowMs }, nowMs) > 0;
  }

  async room(): Promise<Surroundings> {
    return { temperatureC: await this.#deps.roomTemperatureC() };
  }

  /** Undefined: the glass may be painted. */
  rest(room: Surroundings): Rest | undefined {
    const { policy, glass } = this.#deps;
    const { history, nowMs } = glass;
    const why = policy.hold(history, nowMs, room);
    if (why === undefined) return undefined;
    return { why, leftMs: why === 'too-soon' ? policy.restMs(history, nowMs) : undefined };
  }

  /** What the glass, which nobody wants to paint, needs now. */
  upkeep(room: Surroundings): RefreshReason | undefined {
    const { policy, glass, localHour } = this.#deps;
    if (glass.isCleared) return this.rest(room) === undefined ? 'glass-unknown' : undefined;
    if (glass.shownSha256 === undefined) return undefined;
    const choice = policy.upkeep(glass.history, glass.nowMs, { ...room, localHour: localHour() });
    return choice?.hold === undefined ? choice?.reason : undefined;
  }
}
