import type { Level } from '../ports.js';

/** How the glass is refreshed: `full` flashes and clears ghosts, `fast` flashes shorter, `partial` drives what changed. */
export type RefreshMode = 'full' | 'fast' | 'partial';

/** Commands in order, each as its code and then its data bytes. */
export type Sequence = readonly (readonly number[])[];

/** One way to refresh: what is sent after a reset to choose it, and how long the glass then takes. */
export interface Waveform {
  readonly init: Sequence;
  readonly refreshMs: number;
}

export interface PanelSpec {
  readonly name: string;
  readonly controller: 'uc8179';
  /** Pixels of a row, in the direction in which the controller scans. */
  readonly width: number;
  readonly height: number;
  /** In the order of their ink index. */
  readonly inks: readonly string[];
  /** The level of BUSY that means busy. */
  readonly busyLevel: Level;
  readonly spiHz: number;
  /** From power to the first reset, the reset pulse itself, and from its end to the first command. */
  readonly reset: { readonly powerRampMs: number; readonly lowMs: number; readonly settleMs: number };
  readonly powerOnMs: number;
  readonly powerOffMs: number;
  /** BUSY may fall this late after a command that raises it. */
  readonly busyAssertMs: number;
  readonly full: Waveform;
  /** Absent where the panel cannot. */
  readonly fast?: Waveform;
  /** Absent where the panel cannot. */
  readonly partial?: Waveform;
  readonly limits: PanelLimits;
  readonly source: string;
}

/** What keeps the glass healthy and clean. */
export interface PanelLimits {
  /** Partial refreshes between two full ones: the ghost budget. */
  readonly partialsPerFull: number;
  /** Above this share of changed pixels (0 to 1) a fast refresh is cleaner than a partial one. */
  readonly partialShare: number;
  /** A full refresh at least this often. */
  readonly fullEveryMs: number;
  /** The vendor advises to leave this long between refreshes. */
  readonly advisedIntervalMs: number;
}

/** A rectangle of pixels; `x` and `width` fall on whole bytes of a packed row. */
export interface PixelWindow {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
