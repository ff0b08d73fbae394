import { HardwareError } from '../errors.js';
import type { PanelSpec } from './panel-spec.js';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** The panels that the product drives, by panel id. */
export const PANELS = {
  '7in5_V2': {
    name: 'Waveshare 7.5" V2',
    controller: 'uc8179',
    width: 800,
    height: 480,
    inks: ['black', 'white'],
    busyLevel: 0,
    spiHz: 4_000_000,
    reset: { powerRampMs: 20, lowMs: 2, settleMs: 20 },
    powerOnMs: 129,
    powerOffMs: 40,
    busyAssertMs: 100,
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
    },
    limits: { partialsPerFull: 10, partialShare: 0.25, fullEveryMs: DAY_MS, advisedIntervalMs: 180_000 },
    source:
      'waveshareteam/e-Paper 86aa993, epd7in5_V2.py (sequences, pauses, 4 MHz); GxEPD2, GDEY075T7 (power 129 and 40 ms, ' +
      'fast 1171 ms, partial 435 ms); Waveshare wiki (full 4 to 5 s, 180 s between refreshes, one refresh in 24 h); ' +
      'the ghost budget and the share are ours, users report 5 to 30 partial refreshes',
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
