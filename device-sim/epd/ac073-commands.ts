import type { ChipCommand } from './command-input.js';

/** Commands of the AC073TC1 and the Spectra 6 chips, as drivers send them; no datasheet is public. */
export const AC073_COMMANDS: Readonly<Record<number, ChipCommand>> = {
  0: { name: 'PSR', min: 2, max: 2 },
  1: { name: 'PWR', min: 1, max: 6 },
  2: { name: 'POF', min: 1, max: 1 },
  3: { name: 'POFS', min: 4, max: 4 },
  4: { name: 'PON', min: 0, max: 0 },
  5: { name: 'BTST1', min: 2, max: 4 },
  6: { name: 'BTST2', min: 2, max: 4 },
  7: { name: 'DSLP', min: 1, max: 1 },
  8: { name: 'BTST3', min: 4, max: 4 },
  16: { name: 'DTM', min: 0, max: Number.POSITIVE_INFINITY },
  18: { name: 'DRF', min: 1, max: 1 },
  19: { name: 'IPC', min: 2, max: 2 },
  48: { name: 'PLL', min: 1, max: 1 },
  65: { name: 'TSE', min: 1, max: 1 },
  80: { name: 'CDI', min: 1, max: 1 },
  96: { name: 'TCON', min: 2, max: 2 },
  97: { name: 'TRES', min: 4, max: 4 },
  130: { name: 'VDCS', min: 1, max: 1 },
  131: { name: 'PTLW', min: 9, max: 9 },
  132: { name: 'T_VDCS', min: 1, max: 1 },
  134: { name: 'AGID', min: 1, max: 1 },
  170: { name: 'CMDH', min: 6, max: 6 },
  224: { name: 'CCSET', min: 1, max: 1 },
  227: { name: 'PWS', min: 1, max: 1 },
  229: { name: 'TSSET', min: 1, max: 1 },
  230: { name: 'TSSET2', min: 1, max: 1 },
};

/** What the EL133UF1 has besides. */
export const EL133_COMMANDS: Readonly<Record<number, ChipCommand>> = {
  ...AC073_COMMANDS,
  116: { name: 'AN_TM', min: 9, max: 9 },
  165: { name: 'DCDC', min: 1, max: 4 },
  176: { name: 'BUCK_BOOST_VDDN', min: 1, max: 1 },
  177: { name: 'TFT_VCOM_POWER', min: 1, max: 1 },
  182: { name: 'EN_BUF', min: 1, max: 1 },
  183: { name: 'BOOST_VDDP_EN', min: 1, max: 1 },
  240: { name: 'CMD66', min: 6, max: 6 },
};
