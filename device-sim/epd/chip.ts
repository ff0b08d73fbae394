import type { Clock } from '../../hardware/index.js';
import type { Drive, Region } from './glass.js';
import type { Lint } from './lint.js';
import type { SimPanelModel } from './sim-panels.js';

/** What a refresh does to the glass. */
export type RefreshKind = 'full' | 'fast' | 'partial' | 'grey';

/** A refresh that has ended; `durationMs` is how long the glass was driven, `share` how much of it was done. */
export interface Refresh {
  readonly atMs: number;
  readonly mode: RefreshKind;
  readonly window: Region;
  readonly durationMs: number;
  readonly share: number;
}

/** The glass that a chip drives: all of it, or its half. */
export interface GlassPart {
  readonly width: number;
  readonly height: number;
  drive(region: Region, target: Drive, how: { flash: boolean; progress: number }): void;
}

export interface ChipOptions {
  readonly model: SimPanelModel;
  readonly glass: GlassPart;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly lint: Lint;
  /** What RAM holds that nobody has written. */
  readonly random: () => number;
  /** BUSY answers this late after power on and refresh, where the chip is known to. */
  readonly busyAssertMs: number;
  /** Older glass has no fast and partial waveforms in its OTP: both become a full flash. */
  readonly otpFast: boolean;
  /** How many times as long as in a room the glass takes now. */
  readonly slowness: () => number;
  readonly onRefresh?: (refresh: Refresh) => void;
}

/** A controller chip on its wires. Time is looked at whenever it is spoken to. */
export interface Chip {
  /** Whether it holds its BUSY line at the level that means busy. */
  readonly busy: boolean;
  /** When what goes on now will end, on the monotonic clock. */
  readonly busyUntilMs: number | undefined;
  /** Milliseconds for which the BUSY line was held since the chip was made. */
  readonly busyHeldMs: number;
  /** What a register holds, by its name in the datasheet. */
  register(name: string): readonly number[];
  command(code: number): void;
  data(bytes: Uint8Array): void;
  /** Chip select rose: of chips that are framed by it, the end of a command. */
  deselect(): void;
  /** The falling edge of reset. */
  reset(): void;
  /** The supply went away at a moment on the monotonic clock. */
  losePower(atMs: number): void;
  /** Finishes work whose time has come. */
  settle(): void;
}
