import type { Level } from '../ports.js';

/** How the glass is refreshed: `full` flashes and clears ghosts, `fast` flashes shorter, `partial` drives what changed. */
export type RefreshMode = 'full' | 'fast' | 'partial';

/** Also `grey`: a frame in the four inks of `PanelSpec.grey`, flashed onto glass that otherwise has two. */
export type ShowMode = RefreshMode | 'grey';

/** Commands in order, each as its code and then its data bytes. */
export type Sequence = readonly (readonly number[])[];

/** A plane of controller RAM and what each ink is in it. */
export interface PlaneSpec {
  /** The command that opens it for writing. */
  readonly command: number;
  readonly bitsPerPixel: 1 | 4;
  /** By ink index. */
  readonly values: readonly number[];
  /** The half of every row that the plane holds, of a panel with one chip for each half. */
  readonly half?: 'left' | 'right';
}

/** One way to refresh: what is sent after a reset to choose it, and how long the glass then takes. */
export interface Waveform {
  readonly init: Sequence;
  readonly refreshMs: number;
  /** What a whole frame is loaded into; of a partial refresh, what shows now and then what is to show. */
  readonly planes: readonly PlaneSpec[];
  /**
   * SSD168x: the values of update control 2, each of which is carried out. The vendor's last step also switches the high
   * voltage off; here it is a step of its own, whose BUSY proves that the panel lived through the refresh.
   */
  readonly updates?: readonly number[];
  /** SSD168x: the address of the first byte of a row; 0 if absent. */
  readonly firstByte?: number;
  /** AC073: sent between power on and refresh. */
  readonly poweredUp?: { readonly steps: Sequence; readonly pauseMs: number };
}

/** Four greys, absent where the glass has none. */
export interface GreyWaveform extends Waveform {
  /** In the order of their ink index, darkest first. */
  readonly inks: readonly string[];
}

/** A family of controller chips. `ac073-pair` is two of them, one for each half of the glass. */
export type ControllerName = 'ssd168x' | 'uc8179' | 'ac073' | 'ac073-pair';

export interface PanelSpec {
  readonly name: string;
  readonly controller: ControllerName;
  /** The print on the chip, for people. */
  readonly chip: string;
  /** Pixels of a row, in the direction in which the controller scans. */
  readonly width: number;
  readonly height: number;
  /** Of the glass that shows pixels. */
  readonly diagonalInch: number;
  /** In the order of their ink index. */
  readonly inks: readonly string[];
  /** The level of BUSY that means busy. */
  readonly busyLevel: Level;
  readonly spiHz: number;
  /**
   * Who selects the chip: `bus`, for each message, or `lines`: the driver, by `cs-m` and `cs-s`, for as long as a command
   * and all of its data take.
   */
  readonly chipSelect: 'bus' | 'lines';
  readonly reset: ResetSpec;
  readonly powerOnMs: number;
  readonly powerOffMs: number;
  /** BUSY may fall this late after a command that raises it. */
  readonly busyAssertMs: number;
  /** A pause that the vendor leaves after every BUSY; none if absent. */
  readonly afterBusyMs?: number;
  /** Commands that only the first chip of a pair is sent. */
  readonly masterOnly?: readonly number[];
  readonly full: Waveform;
  /** Absent where the panel cannot. */
  readonly fast?: Waveform;
  /** Absent where the panel cannot. */
  readonly partial?: Waveform;
  /** Absent where the panel cannot. */
  readonly grey?: GreyWaveform;
  readonly limits: PanelLimits;
  readonly source: string;
}

/** From power to the first reset, the reset pulse itself, and from its end to the first command. */
export interface ResetSpec {
  readonly powerRampMs: number;
  readonly lowMs: number;
  readonly settleMs: number;
  /** One if absent. */
  readonly pulses?: number;
}

/** What keeps the glass healthy and clean. */
export interface PanelLimits {
  /** Partial refreshes of a large area between two full ones: the ghost budget. 0 where there are none. */
  readonly partialsPerFull: number;
  /** Above this share of changed pixels (0 to 1) a fast refresh is cleaner than a partial one. */
  readonly partialShare: number;
  /** A full refresh at least this often. */
  readonly fullEveryMs: number;
  /** The vendor advises to leave this long between refreshes. */
  readonly advisedIntervalMs: number;
  /** Never sooner after the last refresh than this. */
  readonly minIntervalMs: number;
  /** Where the glass may be refreshed at all, and where by other waveforms than the full one. */
  readonly temperatureC: {
    readonly any: { readonly from: number; readonly to: number };
    readonly fast: { readonly from: number; readonly to: number };
  };
}

/** A rectangle of pixels; `x` and `width` fall on whole bytes of a packed row. */
export interface PixelWindow {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
