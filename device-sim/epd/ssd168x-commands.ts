import type { ChipCommand } from './command-input.js';

/** SSD1680 and SSD1683 datasheets, command tables; names are ours where theirs are sentences. */
export const SSD168X_COMMANDS: Readonly<Record<number, ChipCommand>> = {
  1: { name: 'DRIVER_OUTPUT', min: 3, max: 3 },
  3: { name: 'GATE_VOLTAGE', min: 1, max: 1 },
  4: { name: 'SOURCE_VOLTAGE', min: 3, max: 3 },
  12: { name: 'SOFT_START', min: 4, max: 4 },
  16: { name: 'DEEP_SLEEP', min: 1, max: 1 },
  17: { name: 'DATA_ENTRY', min: 1, max: 1 },
  18: { name: 'SWRESET', min: 0, max: 0 },
  24: { name: 'TEMPERATURE_SENSOR', min: 1, max: 1 },
  26: { name: 'TEMPERATURE', min: 1, max: 2 },
  32: { name: 'ACTIVATE', min: 0, max: 0 },
  33: { name: 'UPDATE_CONTROL_1', min: 1, max: 2 },
  34: { name: 'UPDATE_CONTROL_2', min: 1, max: 1 },
  36: { name: 'WRITE_BW', min: 0, max: Number.POSITIVE_INFINITY },
  38: { name: 'WRITE_RED', min: 0, max: Number.POSITIVE_INFINITY },
  44: { name: 'VCOM', min: 1, max: 1 },
  50: { name: 'LUT', min: 153, max: 233 },
  55: { name: 'DISPLAY_OPTION', min: 10, max: 10 },
  60: { name: 'BORDER', min: 1, max: 1 },
  63: { name: 'LUT_END', min: 1, max: 1 },
  68: { name: 'X_WINDOW', min: 2, max: 2 },
  69: { name: 'Y_WINDOW', min: 4, max: 4 },
  78: { name: 'X_COUNTER', min: 1, max: 1 },
  79: { name: 'Y_COUNTER', min: 2, max: 2 },
  116: { name: 'ANALOG_BLOCK', min: 1, max: 1 },
  126: { name: 'DIGITAL_BLOCK', min: 1, max: 1 },
};

/** What registers hold after a reset, of a chip with RAM of so many columns (in bytes) and rows. */
export function ssd168xDefaults(columns: number, rows: number): Readonly<Record<string, readonly number[]>> {
  const last = rows - 1;
  return {
    DRIVER_OUTPUT: [last & 0xff, last >> 8, 0x00],
    DATA_ENTRY: [0x03],
    TEMPERATURE_SENSOR: [0x48],
    UPDATE_CONTROL_1: [0x00, 0x00],
    UPDATE_CONTROL_2: [0xff],
    BORDER: [0xc0],
    X_WINDOW: [0x00, columns - 1],
    Y_WINDOW: [0x00, 0x00, last & 0xff, last >> 8],
    X_COUNTER: [0x00],
    Y_COUNTER: [0x00, 0x00],
  };
}
