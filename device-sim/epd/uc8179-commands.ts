/** A command of the UC8179: its name and how many bytes of data it takes, at least and at most. */
export interface ChipCommand {
  readonly name: string;
  readonly min: number;
  readonly max: number;
}

/** UC8179 datasheet, command table; planes take as many bytes as their window has. */
export const UC8179_COMMANDS: Readonly<Record<number, ChipCommand>> = {
  0: { name: 'PSR', min: 1, max: 2 },
  1: { name: 'PWR', min: 4, max: 5 },
  2: { name: 'POF', min: 0, max: 1 },
  3: { name: 'PFS', min: 1, max: 1 },
  4: { name: 'PON', min: 0, max: 0 },
  6: { name: 'BTST', min: 4, max: 4 },
  7: { name: 'DSLP', min: 1, max: 1 },
  16: { name: 'DTM1', min: 0, max: Number.POSITIVE_INFINITY },
  17: { name: 'DSP', min: 0, max: 0 },
  18: { name: 'DRF', min: 0, max: 1 },
  19: { name: 'DTM2', min: 0, max: Number.POSITIVE_INFINITY },
  21: { name: 'DUSPI', min: 1, max: 1 },
  23: { name: 'AUTO', min: 1, max: 1 },
  32: { name: 'LUTC', min: 1, max: 60 },
  33: { name: 'LUTWW', min: 1, max: 60 },
  34: { name: 'LUTKW', min: 1, max: 60 },
  35: { name: 'LUTWK', min: 1, max: 60 },
  36: { name: 'LUTKK', min: 1, max: 60 },
  37: { name: 'LUTBD', min: 1, max: 60 },
  48: { name: 'PLL', min: 1, max: 1 },
  64: { name: 'TSC', min: 0, max: 0 },
  65: { name: 'TSE', min: 1, max: 1 },
  66: { name: 'TSW', min: 3, max: 3 },
  67: { name: 'TSR', min: 0, max: 0 },
  80: { name: 'CDI', min: 1, max: 2 },
  82: { name: 'EVS', min: 1, max: 1 },
  96: { name: 'TCON', min: 1, max: 1 },
  97: { name: 'TRES', min: 4, max: 4 },
  101: { name: 'GSST', min: 4, max: 4 },
  112: { name: 'REV', min: 0, max: 0 },
  113: { name: 'FLG', min: 0, max: 0 },
  130: { name: 'VDCS', min: 1, max: 1 },
  144: { name: 'PTL', min: 9, max: 9 },
  145: { name: 'PTIN', min: 0, max: 0 },
  146: { name: 'PTOUT', min: 0, max: 0 },
  162: { name: 'ROTP', min: 0, max: 0 },
  224: { name: 'CCSET', min: 1, max: 1 },
  227: { name: 'PWS', min: 1, max: 1 },
  229: { name: 'TSSET', min: 1, max: 1 },
};

/** What the registers hold after a reset, by name. From the datasheet's table of defaults where drivers rely on it. */
export const UC8179_DEFAULTS: Readonly<Record<string, readonly number[]>> = {
  PSR: [0x0f],
  PWR: [0x07, 0x17, 0x3f, 0x3f, 0x03],
  BTST: [0x17, 0x17, 0x27, 0x17],
  CDI: [0x31, 0x07],
  TCON: [0x22],
  CCSET: [0x00],
  TSSET: [0x00],
};
