import type { Clock } from '../../hardware/index.js';
import type { Refresh } from './chip.js';
import type { Strictness } from './lint.js';

/** What kind of panel is plugged in, and to what. */
export interface SimPanelOptions {
  /** Panel id; the 7.5" V2 if absent. */
  readonly panel?: string;
  /** Less glass than the panel has, behind the same chip. */
  readonly width?: number;
  readonly height?: number;
  readonly clock: Clock;
  readonly strictness?: Strictness;
  /** What unknown glass and unwritten RAM hold, 0 to 1. */
  readonly random?: () => number;
  readonly maxTransferBytes?: number;
  readonly busyAssertMs?: number;
  readonly otpFast?: boolean;
  /** How a board with two chips tells commands: Waveshare's by chip select, Pimoroni's by D/C. */
  readonly framing?: 'cs' | 'dc';
  /** Keep all data in `trace`, for a replay that shows the same picture. */
  readonly wholeTrace?: boolean;
  /** The clock of the bus that the board is on. */
  readonly spiHz?: number;
  /** Told when a refresh has ended, also one that was cut off (`share` below 1). */
  readonly onRefresh?: (refresh: Refresh) => void;
}
