import type { Clock } from '../../hardware/index.js';
import type { Drive, Region } from './glass.js';
import type { GlassBorder } from './glass-border.js';
import type { Lint } from './lint.js';
import type { RefreshKind } from './refresh-kind.js';
import type { SimPanelModel } from './sim-panels.js';

/** A refresh that has ended; `durationMs` is how long the glass was driven, `share` how much of it was done. */
export interface Refresh {
  readonly atMs: number;
  readonly mode: RefreshKind;
  readonly window: Region;
  readonly durationMs: number;
  readonly share: number;
}

/**
 * Where a refresh drives the border: to a value as of a pixel, or nowhere. What a chip's OTP does with it may be
 * `unpublished`; then nothing is known and nothing is said.
 */
export type BorderDrive = number | 'floats' | 'unpublished';

/** The glass that a chip drives: all of it, or its half. */
export interface GlassPart {
  readonly width: number;
  readonly height: number;
  /** What a pixel shows: on grey glass its lightness, on coloured glass the index of its ink. */
  shownAt(x: number, y: number): number;
  drive(region: Region, target: Drive, how: { flash: boolean; progress: number }): void;
}

export interface ChipOptions {
  readonly model: SimPanelModel;
  readonly glass: GlassPart;
  readonly border: GlassBorder;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly lint: Lint;
  /** What RAM holds that nobody has written. */
  readonly random: () => number;
  /** BUSY answers this late after power on and refresh, where the chip is known to. */
  readonly busyAssertMs: number;
  /** Older glass has no fast and partial waveforms in its OTP: both become a full flash. */
  readonly otpFast: boolean;
  /** How warm the glass is. */
  readonly ambientC: () => number;
  /** How many times as long as in a room the glass takes now. */
  readonly slowness: () => number;
  readonly onRefresh?: (refresh: Refresh) => void;
}
