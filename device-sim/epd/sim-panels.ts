import type { Level } from '../../hardware/index.js';
import { SimError } from '../errors.js';
import type { RefreshKind } from './refresh-kind.js';

/** A glass and what its chip was made with, kept apart from what drivers believe of it. */
export interface SimPanelModel {
  readonly chip: 'ssd168x' | 'uc8179' | 'ac073' | 'ac073-pair';
  readonly width: number;
  readonly height: number;
  /** By ink index. */
  readonly inks: readonly string[];
  readonly busyLevel: Level;
  readonly powerOnMs: number;
  readonly powerOffMs: number;
  /** How long each waveform of the OTP takes; one that it has not is absent. */
  readonly otpMs: Partial<Record<RefreshKind, number>> & { readonly full: number };
  /** Where the vendor says that the glass may be refreshed. */
  readonly temperatureC: { readonly from: number; readonly to: number };
  readonly spiHz: number;
  /** The same where the chip is read; where nobody tells it, as fast. */
  readonly readHz: number;
  readonly ssd?: SsdModel;
  readonly colour?: ColourModel;
}

export interface SsdModel {
  /** Bytes of a row of RAM, and rows. */
  readonly columns: number;
  readonly rows: number;
  readonly lutBytes: number;
  /** The glass is bonded to source 8 and on, unless update control 1 says so the chip counts from source 0. */
  readonly fromSource8: boolean;
  /** The value of both planes that is white in four greys. */
  readonly greyWhite: 0 | 1;
  /** Waveforms that the chip is known to be given, by the first 16 hex digits of their SHA-256. */
  readonly luts: Readonly<Record<string, RefreshKind>>;
}

export interface ColourModel {
  /** The ink of each value of a pixel; undefined where there is none. */
  readonly inkOf: readonly (number | undefined)[];
  /** What opens the other registers. */
  readonly unlock: { readonly name: string; readonly bytes: readonly number[] };
  /** What TRES must say. */
  readonly resolution: (width: number, height: number) => readonly [number, number];
}

const TWO_INKS = ['black', 'white'] as const;
const SPECTRA_INKS = ['black', 'white', 'yellow', 'red', 'blue', 'green'] as const;
/** Spectra 6 has nothing under 4 and 7. */
const SPECTRA: ColourModel = {
  inkOf: [0, 1, 2, 3, undefined, 4, 5],
  unlock: { name: 'CMDH', bytes: [0x49, 0x55, 0x20, 0x08, 0x09, 0x18] },
  resolution: (width, height) => [width, height],
};
const ROOM = { from: 0, to: 50 } as const;
const SSD = {
  chip: 'ssd168x',
  inks: TWO_INKS,
  busyLevel: 1,
  temperatureC: ROOM,
  spiHz: 20_000_000,
  readHz: 2_500_000,
} as const;
const UC = {
  chip: 'uc8179',
  busyLevel: 0,
  powerOnMs: 129,
  powerOffMs: 40,
  spiHz: 10_000_000,
  readHz: 10_000_000,
} as const;
const COLOUR = {
  chip: 'ac073',
  busyLevel: 0,
  powerOnMs: 172,
  powerOffMs: 145,
  spiHz: 20_000_000,
  readHz: 20_000_000,
} as const;
const SSD1680 = { columns: 22, rows: 296, lutBytes: 153, greyWhite: 0, luts: {} } as const;
/** Values of a pixel from 0 on are inks from 0 on; 7 cleans the glass, which leaves it white. */
const ACEP_INKS = [0, 1, 2, 3, 4, 5, 6, 1] as const;

/**
 * Times: GxEPD2's panel headers; where it has none, those of a sister panel. Other facts: the datasheets of the SSD1680,
 * SSD1683 and UC8179, and the vendor's drivers (waveshareteam/e-Paper 86aa993).
 */
const SIM_PANELS: Readonly<Record<string, SimPanelModel>> = {
  '2in13_V4': {
    ...SSD,
    width: 122,
    height: 250,
    powerOnMs: 95,
    powerOffMs: 140,
    otpMs: { full: 2_000, fast: 1_617, partial: 457 },
    ssd: { ...SSD1680, fromSource8: true },
  },
  '2in9_V2': {
    ...SSD,
    width: 128,
    height: 296,
    powerOnMs: 96,
    powerOffMs: 140,
    otpMs: { full: 4_012, partial: 737 },
    ssd: {
      ...SSD1680,
      fromSource8: true,
      luts: {
        '049e998e3d9d4e2d': 'full',
        c15dcd76623c7eb5: 'fast',
        '6366a5f9bde3f438': 'partial',
        '16523df301aff105': 'grey',
      },
    },
  },
  '2in7_V2': {
    ...SSD,
    width: 176,
    height: 264,
    powerOnMs: 96,
    powerOffMs: 141,
    otpMs: { full: 2_000, fast: 1_627, partial: 459 },
    ssd: { ...SSD1680, fromSource8: false, luts: { e837ddb0f0933736: 'grey' } },
  },
  '4in2_V2': {
    ...SSD,
    width: 400,
    height: 300,
    powerOnMs: 96,
    powerOffMs: 268,
    otpMs: { full: 2_000, fast: 1_500, partial: 358, grey: 2_000 },
    ssd: {
      columns: 50,
      rows: 300,
      lutBytes: 227,
      fromSource8: false,
      greyWhite: 1,
      luts: { '86549f6e6db34b85': 'grey' },
    },
  },
  '5in83_V2': {
    ...UC,
    width: 648,
    height: 480,
    inks: TWO_INKS,
    otpMs: { full: 4_200, fast: 1_157, partial: 491, grey: 2_000 },
    temperatureC: ROOM,
  },
  '7in5_V2': {
    ...UC,
    width: 800,
    height: 480,
    inks: TWO_INKS,
    otpMs: { full: 4_200, fast: 1_171, partial: 435, grey: 2_000 },
    temperatureC: ROOM,
  },
  '7in5b_V2': {
    ...UC,
    width: 800,
    height: 480,
    inks: ['black', 'white', 'red'],
    otpMs: { full: 26_300, fast: 16_800, partial: 435 },
    temperatureC: { from: 0, to: 40 },
  },
  '7in3f': {
    ...COLOUR,
    width: 800,
    height: 480,
    inks: ['black', 'white', 'green', 'blue', 'red', 'yellow', 'orange'],
    otpMs: { full: 38_900 },
    temperatureC: { from: 15, to: 35 },
    colour: { ...SPECTRA, inkOf: ACEP_INKS },
  },
  '7in3e': {
    ...COLOUR,
    width: 800,
    height: 480,
    inks: SPECTRA_INKS,
    otpMs: { full: 12_500 },
    temperatureC: ROOM,
    colour: SPECTRA,
  },
  '4in0e': {
    ...COLOUR,
    width: 400,
    height: 600,
    inks: SPECTRA_INKS,
    otpMs: { full: 12_500 },
    temperatureC: ROOM,
    colour: SPECTRA,
  },
  '13in3e': {
    ...COLOUR,
    chip: 'ac073-pair',
    width: 1200,
    height: 1600,
    inks: SPECTRA_INKS,
    otpMs: { full: 20_000 },
    temperatureC: ROOM,
    spiHz: 10_000_000,
    colour: {
      ...SPECTRA,
      unlock: { name: 'CMD66', bytes: [0x49, 0x55, 0x13, 0x5d, 0x05, 0x10] },
      // Both chips are told the whole glass as one of twice the width and half the height.
      resolution: (width, height) => [width, height / 2],
    },
  },
};

/**
 * The model of a panel, by panel id.
 * @throws SimError `epd.unknown-panel`
 */
export function simPanelModel(id: string): SimPanelModel {
  const model = Object.hasOwn(SIM_PANELS, id) ? SIM_PANELS[id] : undefined;
  if (model === undefined) {
    throw new SimError('epd.unknown-panel', `no panel "${id}"; known are ${Object.keys(SIM_PANELS).join(', ')}`);
  }
  return model;
}
