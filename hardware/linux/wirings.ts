import type { PanelLine } from '../ports.js';

/** Where the lines of a panel's board end on the Raspberry Pi's header, as BCM numbers. */
export interface Wiring {
  readonly rst: number;
  readonly dc: number;
  readonly busy: number;
  /** Absent where the board is always powered. */
  readonly pwr?: number;
  /** Of the panel with two chips, which need their chip select low for a whole picture: longer than one message. */
  readonly chipSelects: Readonly<Record<'cs-m' | 'cs-s', number>>;
  readonly source: string;
}

export const WIRINGS = {
  waveshare: {
    rst: 17,
    dc: 25,
    busy: 24,
    pwr: 18,
    chipSelects: { 'cs-m': 8, 'cs-s': 7 },
    source: 'waveshareteam/e-Paper, epdconfig.py and epd13in3E.py',
  },
  pimoroni: {
    rst: 27,
    dc: 22,
    busy: 17,
    chipSelects: { 'cs-m': 26, 'cs-s': 16 },
    source: 'pimoroni/inky, inky_uc8159.py and inky_el133uf1.py',
  },
} as const satisfies Record<string, Wiring>;

export type WiringName = keyof typeof WIRINGS;

/** `bus`: the SPI driver selects the chip for each message; `lines`: we do, by the lines `cs-m` and `cs-s`. */
export type ChipSelect = 'bus' | 'lines';

/** The lines to ask the kernel for, with their BCM numbers. */
export function wiredLines(wiring: Wiring, chipSelect: ChipSelect): ReadonlyMap<PanelLine, number> {
  const { rst, dc, busy, pwr, chipSelects } = wiring;
  const lines = new Map<PanelLine, number>([
    ['rst', rst],
    ['dc', dc],
    ['busy', busy],
  ]);
  if (pwr !== undefined) lines.set('pwr', pwr);
  if (chipSelect === 'lines') lines.set('cs-m', chipSelects['cs-m']).set('cs-s', chipSelects['cs-s']);
  return lines;
}
