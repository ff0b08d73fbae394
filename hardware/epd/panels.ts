import { HardwareError } from '../errors.js';
import type { PanelLimits, PanelSpec, PlaneSpec, Sequence } from './panel-spec.js';
import {
  LUT_2IN7_GREY,
  LUT_2IN9_FAST,
  LUT_2IN9_FULL,
  LUT_2IN9_GREY,
  LUT_2IN9_PARTIAL,
  LUT_4IN2_GREY,
} from './waveform-tables.js';

const DAY_MS = 24 * 60 * 60 * 1_000;
const VENDOR = 'waveshareteam/e-Paper 86aa993';

/** Four greys, darkest first. */
const GREYS = ['black', 'dark-grey', 'light-grey', 'white'] as const;
const SPECTRA_INKS = ['black', 'white', 'yellow', 'red', 'blue', 'green'] as const;

/**
 * Of all limits: the intervals are those of the Waveshare wiki. The ghost budget and the share are ours; users report 5
 * to 30 partial refreshes. Partial and fast waveforms are kept for a room, as GxEPD2 does.
 */
const TWO_INKS: PanelLimits = {
  partialsPerFull: 10,
  partialShare: 0.25,
  fullEveryMs: DAY_MS,
  advisedIntervalMs: 180_000,
  minIntervalMs: 0,
  temperatureC: { any: { from: 0, to: 50 }, fast: { from: 10, to: 40 } },
};
/** Glass that flashes for many seconds each time: there the advised interval is kept. */
const COLOURS = { ...TWO_INKS, partialsPerFull: 0, partialShare: 0, minIntervalMs: 180_000 } as const;
const THREE_INKS: PanelLimits = {
  ...COLOURS,
  temperatureC: { any: { from: 0, to: 40 }, fast: { from: 10, to: 40 } },
};
const ACEP: PanelLimits = { ...COLOURS, temperatureC: { any: { from: 15, to: 35 }, fast: { from: 15, to: 35 } } };
const SPECTRA: PanelLimits = { ...COLOURS, temperatureC: { any: { from: 0, to: 50 }, fast: { from: 0, to: 50 } } };

/** SSD168x: the frame in both planes, so that a later partial refresh has something to compare with. */
const SSD_BOTH: readonly PlaneSpec[] = [
  { command: 0x24, bitsPerPixel: 1, values: [0, 1] },
  { command: 0x26, bitsPerPixel: 1, values: [0, 1] },
];
/** What shows, then what is to show. */
const SSD_PARTIAL: readonly PlaneSpec[] = [
  { command: 0x26, bitsPerPixel: 1, values: [0, 1] },
  { command: 0x24, bitsPerPixel: 1, values: [0, 1] },
];
/** SSD1680: white is 0,0, light grey 1,0, dark grey 0,1 and black 1,1. */
const SSD1680_GREY: readonly PlaneSpec[] = [
  { command: 0x24, bitsPerPixel: 1, values: [1, 0, 1, 0] },
  { command: 0x26, bitsPerPixel: 1, values: [1, 1, 0, 0] },
];
/** OLD and NEW of the UC8179 where a set bit is white. */
const UC_SAME: readonly PlaneSpec[] = [
  { command: 0x10, bitsPerPixel: 1, values: [0, 1] },
  { command: 0x13, bitsPerPixel: 1, values: [0, 1] },
];
/** Where a set bit is black: OLD, read so, is the opposite of NEW, and every pixel makes a transition. */
const UC_OPPOSITE: readonly PlaneSpec[] = [
  { command: 0x10, bitsPerPixel: 1, values: [0, 1] },
  { command: 0x13, bitsPerPixel: 1, values: [1, 0] },
];
/** Black-white and red; where red is, the other plane does not count. */
const UC_RED: readonly PlaneSpec[] = [
  { command: 0x10, bitsPerPixel: 1, values: [0, 1, 1] },
  { command: 0x13, bitsPerPixel: 1, values: [0, 0, 1] },
];
/** Spectra 6 has no ink 4. */
const SPECTRA_CODES = [0, 1, 2, 3, 5, 6] as const;

/**
 * The border is driven white with the picture. Sent with every waveform that flashes, as GxEPD2 does; the vendor leaves it
 * floating in some, and then it keeps what it showed before.
 */
const BORDER_FOLLOWS: Sequence[number] = [0x3c, 0x05];
/** The border keeps still while a part of the glass is driven. */
const BORDER_STILL: Sequence[number] = [0x3c, 0x80];
/** Rows are written left to right, top to bottom. */
const DATA_ENTRY: Sequence[number] = [0x11, 0x03];
/** The glass is bonded to sources 8 and on; sent with every waveform, since it is not sure that it outlives a reset. */
const SOURCES_FROM_8: Sequence[number] = [0x21, 0x00, 0x80];
/** Temperature from the sensor inside, then clock on, temperature and waveform loaded, clock off. */
const LOAD_SENSED: Sequence = [[0x18, 0x80], [0x22, 0xb1], [0x20]];
/** Waveform for the temperature that was written. */
const LOAD_WRITTEN: Sequence = [[0x22, 0x91], [0x20]];
/** AC073: opens the other registers. */
const UNLOCK: Sequence[number] = [0xaa, 0x49, 0x55, 0x20, 0x08, 0x09, 0x18];

const SSD_CHIP = {
  controller: 'ssd168x',
  busyLevel: 1,
  spiHz: 4_000_000,
  chipSelect: 'bus',
  busyAssertMs: 10,
} as const;
const UC_CHIP = {
  controller: 'uc8179',
  chip: 'UC8179',
  busyLevel: 0,
  spiHz: 4_000_000,
  chipSelect: 'bus',
  powerOnMs: 129,
  powerOffMs: 40,
  busyAssertMs: 100,
} as const;
const COLOUR_CHIP = {
  controller: 'ac073',
  busyLevel: 0,
  spiHz: 4_000_000,
  chipSelect: 'bus',
  powerOnMs: 172,
  powerOffMs: 145,
  busyAssertMs: 10,
} as const;

/** The panels that the product drives, by panel id. Diagonals are those by which Waveshare names its products. */
export const PANELS = {
  '2in13_V4': {
    ...SSD_CHIP,
    name: 'Waveshare 2.13" V4',
    chip: 'SSD1680',
    width: 122,
    height: 250,
    diagonalInch: 2.13,
    inks: ['black', 'white'],
    reset: { powerRampMs: 20, lowMs: 2, settleMs: 20 },
    powerOnMs: 95,
    powerOffMs: 140,
    full: {
      init: [[0x12], [0x01, 0xf9, 0x00, 0x00], DATA_ENTRY, BORDER_FOLLOWS, SOURCES_FROM_8, [0x18, 0x80]],
      refreshMs: 2_000,
      planes: SSD_BOTH,
      updates: [0xf4, 0x83],
    },
    fast: {
      // The vendor sends 80 as a command after 18; it is the data of 18.
      init: [[0x12], DATA_ENTRY, BORDER_FOLLOWS, SOURCES_FROM_8, ...LOAD_SENSED, [0x1a, 0x64, 0x00], ...LOAD_WRITTEN],
      refreshMs: 1_617,
      planes: SSD_BOTH,
      updates: [0xc4, 0x83],
    },
    partial: {
      init: [BORDER_STILL, [0x01, 0xf9, 0x00, 0x00], DATA_ENTRY, SOURCES_FROM_8],
      refreshMs: 457,
      planes: SSD_PARTIAL,
      updates: [0xfc, 0x83],
    },
    limits: TWO_INKS,
    source: `${VENDOR}, epd2in13_V4.py; GxEPD2, GDEY0213B74 (power 95 and 140 ms, fast 1617, partial 457); vendor: full 2 s`,
  },
  '2in9_V2': {
    ...SSD_CHIP,
    name: 'Waveshare 2.9" V2',
    chip: 'SSD1680',
    width: 128,
    height: 296,
    diagonalInch: 2.9,
    inks: ['black', 'white'],
    reset: { powerRampMs: 50, lowMs: 2, settleMs: 50 },
    powerOnMs: 96,
    powerOffMs: 140,
    full: {
      init: [
        [0x12],
        [0x01, 0x27, 0x01, 0x00],
        DATA_ENTRY,
        BORDER_FOLLOWS,
        SOURCES_FROM_8,
        [0x32, ...LUT_2IN9_FULL],
        [0x3f, 0x22], // end of the waveform
        [0x03, 0x17], // gate voltage
        [0x04, 0x41, 0x00, 0x32], // source voltages
        [0x2c, 0x36], // VCOM
      ],
      refreshMs: 1_776,
      planes: SSD_BOTH,
      updates: [0xc4, 0x83],
    },
    fast: {
      init: [
        [0x12],
        [0x01, 0x27, 0x01, 0x00],
        DATA_ENTRY,
        BORDER_FOLLOWS,
        SOURCES_FROM_8,
        [0x32, ...LUT_2IN9_FAST],
        [0x3f, 0x22],
        [0x03, 0x17],
        [0x04, 0x41, 0xae, 0x32],
        [0x2c, 0x38],
      ],
      refreshMs: 667,
      planes: SSD_BOTH,
      updates: [0xc4, 0x83],
    },
    partial: {
      init: [
        [0x32, ...LUT_2IN9_PARTIAL],
        [0x3f, 0x22],
        [0x03, 0x17],
        [0x04, 0x41, 0xb0, 0x32],
        [0x2c, 0x36],
        [0x37, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00], // planes are not swapped afterwards
        BORDER_STILL,
        SOURCES_FROM_8,
      ],
      refreshMs: 293,
      planes: SSD_PARTIAL,
      updates: [0xc0, 0x0c, 0x83],
    },
    grey: {
      init: [
        [0x12],
        [0x01, 0x27, 0x01, 0x00],
        DATA_ENTRY,
        [0x3c, 0x04],
        [0x32, ...LUT_2IN9_GREY],
        [0x3f, 0x22],
        [0x03, 0x17],
        [0x04, 0x41, 0xae, 0x32],
        [0x2c, 0x28],
      ],
      refreshMs: 1_680,
      planes: SSD1680_GREY,
      updates: [0xc4, 0x83],
      firstByte: 1,
      inks: GREYS,
    },
    limits: TWO_INKS,
    source:
      `${VENDOR}, epd2in9_V2.py; GxEPD2, GDEM029T94 (power 96 and 140 ms); the times of the waveforms are counted from ` +
      'their frames and rates (SSD1680 datasheet, waveform setting)',
  },
  '2in7_V2': {
    ...SSD_CHIP,
    name: 'Waveshare 2.7" V2',
    chip: 'SSD1680',
    width: 176,
    height: 264,
    diagonalInch: 2.7,
    inks: ['black', 'white'],
    reset: { powerRampMs: 200, lowMs: 2, settleMs: 200 },
    powerOnMs: 96,
    powerOffMs: 141,
    full: { init: [[0x12], DATA_ENTRY, BORDER_FOLLOWS], refreshMs: 2_000, planes: SSD_BOTH, updates: [0xf4, 0x83] },
    fast: {
      init: [[0x12], ...LOAD_SENSED, [0x1a, 0x64, 0x00], DATA_ENTRY, BORDER_FOLLOWS, ...LOAD_WRITTEN],
      refreshMs: 1_627,
      planes: SSD_BOTH,
      updates: [0xc4, 0x83],
    },
    partial: { init: [BORDER_STILL, DATA_ENTRY], refreshMs: 459, planes: SSD_PARTIAL, updates: [0xfc, 0x83] },
    grey: {
      init: [
        [0x12],
        [0x74, 0x54], // analog block
        [0x7e, 0x3b], // digital block
        [0x01, 0x07, 0x01, 0x00],
        DATA_ENTRY,
        [0x3c, 0x00],
        [0x2c, 0x1c],
        [0x3f, 0x22],
        [0x03, 0x17],
        [0x04, 0x41, 0x00, 0x32],
        [0x32, ...LUT_2IN7_GREY],
      ],
      refreshMs: 3_493,
      planes: SSD1680_GREY,
      updates: [0xc4, 0x83],
      inks: GREYS,
    },
    limits: TWO_INKS,
    source: `${VENDOR}, epd2in7_V2.py; GxEPD2, GDEY027T91 (power 96 and 141 ms, fast 1627, partial 459); full as 2.13"`,
  },
  '4in2_V2': {
    ...SSD_CHIP,
    name: 'Waveshare 4.2" V2',
    chip: 'SSD1683',
    width: 400,
    height: 300,
    diagonalInch: 4.2,
    inks: ['black', 'white'],
    reset: { powerRampMs: 100, lowMs: 2, settleMs: 100 },
    powerOnMs: 96,
    powerOffMs: 268,
    full: {
      init: [[0x12], [0x21, 0x40, 0x00], BORDER_FOLLOWS, DATA_ENTRY],
      refreshMs: 2_000,
      planes: SSD_BOTH,
      updates: [0xf4, 0x83],
    },
    fast: {
      // 6E works on the glass of 2023 and of 2024. Source: GxEPD2.
      init: [[0x12], [0x21, 0x40, 0x00], BORDER_FOLLOWS, [0x1a, 0x6e], ...LOAD_WRITTEN, DATA_ENTRY],
      refreshMs: 1_500,
      planes: SSD_BOTH,
      updates: [0xc4, 0x83],
    },
    partial: {
      init: [BORDER_STILL, [0x21, 0x00, 0x00], DATA_ENTRY],
      refreshMs: 358,
      planes: SSD_PARTIAL,
      updates: [0xfc, 0x83],
    },
    grey: {
      init: [
        [0x12],
        [0x21, 0x00, 0x00],
        [0x3c, 0x03],
        [0x0c, 0x8b, 0x9c, 0xa4, 0x0f], // booster soft start
        [0x32, ...LUT_4IN2_GREY],
        [0x3f, 0x07],
        [0x03, 0x17],
        [0x04, 0x41, 0xa8, 0x32],
        [0x2c, 0x30],
        DATA_ENTRY,
      ],
      refreshMs: 2_000,
      // White is 1,1, light grey 0,1, dark grey 1,0 and black 0,0.
      planes: [
        { command: 0x24, bitsPerPixel: 1, values: [0, 1, 0, 1] },
        { command: 0x26, bitsPerPixel: 1, values: [0, 0, 1, 1] },
      ],
      updates: [0xcc, 0x83],
      inks: GREYS,
    },
    limits: TWO_INKS,
    source: `${VENDOR}, epd4in2_V2.py (fast 1.5 s); GxEPD2, GDEY042T81 (power 96 and 268 ms, partial 358); full and grey as sisters`,
  },
  '5in83_V2': {
    ...UC_CHIP,
    name: 'Waveshare 5.83" V2',
    width: 648,
    height: 480,
    diagonalInch: 5.83,
    inks: ['black', 'white'],
    reset: { powerRampMs: 200, lowMs: 2, settleMs: 200 },
    full: { init: [[0x00, 0x1f], [0x04], [0x50, 0x21, 0x07]], refreshMs: 4_200, planes: UC_SAME },
    fast: {
      init: [[0x00, 0x1f], [0x50, 0x29, 0x07], [0xe0, 0x02], [0xe5, 0x5a], [0x04]],
      refreshMs: 1_157,
      planes: UC_SAME,
    },
    partial: {
      init: [[0x00, 0x1f], [0xe0, 0x02], [0xe5, 0x6e], [0x04], [0x50, 0xa9, 0x07]],
      refreshMs: 491,
      planes: UC_SAME,
    },
    grey: {
      init: [[0x00, 0x1f], [0x06, 0x27, 0x27, 0x18, 0x17], [0x50, 0x21, 0x07], [0xe0, 0x02], [0xe5, 0x5f], [0x04]],
      refreshMs: 2_000,
      // White is 1,1, light grey 0,1, dark grey 1,0 and black 0,0.
      planes: [
        { command: 0x10, bitsPerPixel: 1, values: [0, 1, 0, 1] },
        { command: 0x13, bitsPerPixel: 1, values: [0, 0, 1, 1] },
      ],
      inks: GREYS,
    },
    limits: TWO_INKS,
    source: `${VENDOR}, epd5in83_V2.py; GxEPD2, GDEQ0583T31 (power 129 and 40 ms, fast 1157, partial 491); full as 7.5"`,
  },
  '7in5_V2': {
    ...UC_CHIP,
    name: 'Waveshare 7.5" V2',
    width: 800,
    height: 480,
    diagonalInch: 7.5,
    inks: ['black', 'white'],
    reset: { powerRampMs: 20, lowMs: 2, settleMs: 20 },
    full: {
      init: [
        [0x06, 0x17, 0x17, 0x28, 0x17], // BTST: booster soft start
        [0x01, 0x07, 0x07, 0x28, 0x17], // PWR: gate and source voltages
        [0x04], // PON
        [0x00, 0x1f], // PSR: two inks, waveforms from OTP
        [0x61, 0x03, 0x20, 0x01, 0xe0], // TRES: 800 x 480
        [0x15, 0x00], // DUSPI: one data line
        [0x50, 0x10, 0x07], // CDI: a set bit is black, the border follows
        [0x60, 0x22], // TCON
      ],
      refreshMs: 4_200,
      planes: UC_OPPOSITE,
    },
    fast: {
      init: [
        [0x00, 0x1f],
        [0x50, 0x10, 0x07],
        [0x04],
        [0x06, 0x27, 0x27, 0x18, 0x17],
        [0xe0, 0x02], // CCSET: the temperature is the one of TSSET
        [0xe5, 0x5a], // TSSET: 90, under which the OTP keeps the fast waveform
      ],
      refreshMs: 1_171,
      planes: UC_OPPOSITE,
    },
    partial: {
      init: [
        [0x00, 0x1f],
        [0x04],
        [0xe0, 0x02],
        [0xe5, 0x6e], // TSSET: 110, under which the OTP keeps the partial waveform
        [0x50, 0xa9, 0x07], // CDI: border floats, NEW is copied to OLD, a set bit is white
      ],
      refreshMs: 435,
      planes: UC_SAME,
    },
    grey: {
      init: [
        [0x00, 0x1f],
        [0x50, 0x10, 0x07],
        [0x04],
        [0x06, 0x27, 0x27, 0x18, 0x17],
        [0xe0, 0x02],
        [0xe5, 0x5f], // TSSET: 95, under which the OTP of panels since October 2024 keeps four greys
      ],
      refreshMs: 2_000,
      // White is 0,0, light grey 1,0, dark grey 0,1 and black 1,1.
      planes: [
        { command: 0x10, bitsPerPixel: 1, values: [1, 0, 1, 0] },
        { command: 0x13, bitsPerPixel: 1, values: [1, 1, 0, 0] },
      ],
      inks: GREYS,
    },
    limits: TWO_INKS,
    source:
      `${VENDOR}, epd7in5_V2.py (sequences, pauses, 4 MHz); GxEPD2, GDEY075T7 (power 129 and 40 ms, fast 1171 ms, ` +
      'partial 435 ms); Waveshare wiki (full 4 to 5 s, 180 s between refreshes, one refresh in 24 h)',
  },
  '7in5b_V2': {
    ...UC_CHIP,
    name: 'Waveshare 7.5" B V2',
    width: 800,
    height: 480,
    diagonalInch: 7.5,
    inks: ['black', 'white', 'red'],
    reset: { powerRampMs: 200, lowMs: 4, settleMs: 200 },
    full: {
      init: [
        [0x01, 0x07, 0x07, 0x3f, 0x3f],
        [0x06, 0x17, 0x17, 0x28, 0x17],
        [0x04],
        [0x00, 0x0f], // PSR: three inks
        [0x61, 0x03, 0x20, 0x01, 0xe0],
        [0x15, 0x00],
        [0x50, 0x11, 0x07],
        [0x60, 0x22],
      ],
      refreshMs: 26_300,
      planes: UC_RED,
    },
    fast: {
      init: [[0x00, 0x0f], [0x04], [0x06, 0x27, 0x27, 0x18, 0x17], [0xe0, 0x02], [0xe5, 0x5a], [0x50, 0x11, 0x07]],
      refreshMs: 16_800,
      planes: UC_RED,
    },
    // Its partial refresh is left away: it loses red where it drives, and GxEPD2 finds its waveform faulty.
    limits: THREE_INKS,
    source: `${VENDOR}, epd7in5b_V2.py; GxEPD2, GDEY075Z08 (power 129 and 40 ms, full 26.3 s, fast 16.8 s)`,
  },
  '7in3f': {
    ...COLOUR_CHIP,
    name: 'Waveshare 7.3" F',
    chip: 'AC073TC1',
    width: 800,
    height: 480,
    diagonalInch: 7.3,
    inks: ['black', 'white', 'green', 'blue', 'red', 'yellow', 'orange'],
    reset: { powerRampMs: 20, lowMs: 2, settleMs: 20 },
    full: {
      init: [
        UNLOCK,
        [0x01, 0x3f, 0x00, 0x32, 0x2a, 0x0e, 0x2a],
        [0x00, 0x5f, 0x69],
        [0x03, 0x00, 0x54, 0x00, 0x44],
        [0x05, 0x40, 0x1f, 0x1f, 0x2c],
        [0x06, 0x6f, 0x1f, 0x1f, 0x22],
        [0x08, 0x6f, 0x1f, 0x1f, 0x22],
        [0x13, 0x00, 0x04],
        [0x30, 0x3c],
        [0x41, 0x00],
        [0x50, 0x3f],
        [0x60, 0x02, 0x00],
        [0x61, 0x03, 0x20, 0x01, 0xe0],
        [0x82, 0x1e],
        [0x84, 0x00],
        [0x86, 0x00],
        [0xe3, 0x2f],
        [0xe0, 0x00],
        [0xe6, 0x00],
      ],
      refreshMs: 38_900,
      planes: [{ command: 0x10, bitsPerPixel: 4, values: [0, 1, 2, 3, 4, 5, 6] }],
    },
    limits: ACEP,
    source: `${VENDOR}, epd7in3f.py; GxEPD2, GDEY073D46 (power 172 and 145 ms, full 38.9 s); 15 to 35 C from memory`,
  },
  '7in3e': {
    ...COLOUR_CHIP,
    name: 'Waveshare 7.3" E',
    chip: 'Spectra 6',
    width: 800,
    height: 480,
    diagonalInch: 7.3,
    inks: SPECTRA_INKS,
    reset: { powerRampMs: 20, lowMs: 2, settleMs: 20 },
    full: {
      // The vendor also switches the high voltage on here, and again before the refresh.
      init: [
        UNLOCK,
        [0x01, 0x3f],
        [0x00, 0x5f, 0x69],
        [0x03, 0x00, 0x54, 0x00, 0x44],
        [0x05, 0x40, 0x1f, 0x1f, 0x2c],
        [0x06, 0x6f, 0x1f, 0x17, 0x49],
        [0x08, 0x6f, 0x1f, 0x1f, 0x22],
        [0x30, 0x03],
        [0x50, 0x3f],
        [0x60, 0x02, 0x00],
        [0x61, 0x03, 0x20, 0x01, 0xe0],
        [0x84, 0x01],
        [0xe3, 0x2f],
      ],
      refreshMs: 12_500,
      planes: [{ command: 0x10, bitsPerPixel: 4, values: SPECTRA_CODES }],
    },
    limits: SPECTRA,
    source: `${VENDOR}, epd7in3e.py; GxEPD2, GDEP073E01 (power 172 and 145 ms, full 12.5 s); 0 to 50 C from memory`,
  },
  '4in0e': {
    ...COLOUR_CHIP,
    name: 'Waveshare 4" E',
    chip: 'Spectra 6',
    width: 400,
    height: 600,
    diagonalInch: 4,
    inks: SPECTRA_INKS,
    reset: { powerRampMs: 20, lowMs: 2, settleMs: 20 },
    afterBusyMs: 200,
    full: {
      init: [
        UNLOCK,
        [0x01, 0x3f],
        [0x00, 0x5f, 0x69],
        [0x05, 0x40, 0x1f, 0x1f, 0x2c],
        [0x08, 0x6f, 0x1f, 0x1f, 0x22],
        [0x06, 0x6f, 0x1f, 0x17, 0x17],
        [0x03, 0x00, 0x54, 0x00, 0x44],
        [0x60, 0x02, 0x00],
        [0x30, 0x08],
        [0x50, 0x3f],
        [0x61, 0x01, 0x90, 0x02, 0x58],
        [0xe3, 0x2f],
        [0x84, 0x01],
      ],
      refreshMs: 12_500,
      planes: [{ command: 0x10, bitsPerPixel: 4, values: SPECTRA_CODES }],
      poweredUp: { steps: [[0x06, 0x6f, 0x1f, 0x17, 0x27]], pauseMs: 200 },
    },
    limits: SPECTRA,
    source: `${VENDOR}, epd4in0e.py; times of the 7.3" E, for want of a measurement: Inky allows 40 s`,
  },
  '13in3e': {
    ...COLOUR_CHIP,
    name: 'Waveshare 13.3" E',
    controller: 'ac073-pair',
    chip: 'Spectra 6, two',
    width: 1200,
    height: 1600,
    diagonalInch: 13.3,
    inks: SPECTRA_INKS,
    spiHz: 2_000_000,
    chipSelect: 'lines',
    reset: { powerRampMs: 30, lowMs: 30, settleMs: 30, pulses: 2 },
    masterOnly: [0x74, 0x01, 0xb6, 0x06, 0xb7, 0x05, 0xb0, 0xb1],
    full: {
      init: [
        [0x74, 0xc0, 0x1c, 0x1c, 0xcc, 0xcc, 0xcc, 0x15, 0x15, 0x55],
        [0xf0, 0x49, 0x55, 0x13, 0x5d, 0x05, 0x10],
        [0x00, 0xdf, 0x69],
        [0x50, 0xf7],
        [0x60, 0x03, 0x03],
        [0x86, 0x10],
        [0xe3, 0x22],
        [0xe0, 0x01],
        [0x61, 0x04, 0xb0, 0x03, 0x20],
        [0x01, 0x0f, 0x00, 0x28, 0x2c, 0x28, 0x38],
        [0xb6, 0x07],
        [0x06, 0xe8, 0x28],
        [0xb7, 0x01],
        [0x05, 0xe8, 0x28],
        [0xb0, 0x01],
        [0xb1, 0x02],
      ],
      refreshMs: 20_000,
      planes: [
        { command: 0x10, bitsPerPixel: 4, values: SPECTRA_CODES, half: 'left' },
        { command: 0x10, bitsPerPixel: 4, values: SPECTRA_CODES, half: 'right' },
      ],
      poweredUp: { steps: [], pauseMs: 50 },
    },
    limits: SPECTRA,
    source: `${VENDOR}, epd13in3E.py; ESPHome (2 MHz, chip select held for a whole plane); Inky allows 32 s for a refresh`,
  },
} as const satisfies Record<string, PanelSpec>;

/**
 * The row of a panel.
 * @throws HardwareError `epd.unknown-panel`, with the ids that there are
 */
export function panelSpec(id: string): PanelSpec {
  const rows: Readonly<Record<string, PanelSpec>> = PANELS;
  const spec = Object.hasOwn(rows, id) ? rows[id] : undefined;
  if (spec === undefined) {
    throw new HardwareError('epd.unknown-panel', `no panel "${id}"; known are ${Object.keys(PANELS).join(', ')}`);
  }
  return spec;
}
