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
  27: { name: 'READ_TEMPERATURE', min: 0, max: 0 },
  32: { name: 'ACTIVATE', min: 0, max: 0 },
  33: { name: 'UPDATE_CONTROL_1', min: 1, max: 2 },
  34: { name: 'UPDATE_CONTROL_2', min: 1, max: 1 },
  36: { name: 'WRITE_BW', min: 0, max: Number.POSITIVE_INFINITY },
  38: { name: 'WRITE_RED', min: 0, max: Number.POSITIVE_INFINITY },
  39: { name: 'READ_RAM', min: 0, max: 0 },
  42: { name: 'PROGRAM_VCOM', min: 0, max: 0 },
  44: { name: 'VCOM', min: 1, max: 1 },
  45: { name: 'READ_OPTIONS', min: 0, max: 0 },
  46: { name: 'READ_USER_ID', min: 0, max: 0 },
  47: { name: 'READ_STATUS', min: 0, max: 0 },
  48: { name: 'PROGRAM_WAVEFORM', min: 0, max: 0 },
  50: { name: 'LUT', min: 153, max: 233 },
  52: { name: 'COUNT_CRC', min: 0, max: 0 },
  53: { name: 'READ_CRC', min: 0, max: 0 },
  54: { name: 'PROGRAM_OPTIONS', min: 0, max: 0 },
  55: { name: 'DISPLAY_OPTION', min: 10, max: 10 },
  56: { name: 'USER_ID', min: 10, max: 10 },
  57: { name: 'PROGRAM_MODE', min: 1, max: 1 },
  60: { name: 'BORDER', min: 1, max: 1 },
  63: { name: 'LUT_END', min: 1, max: 1 },
  65: { name: 'READ_OPTION', min: 1, max: 1 },
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
    DISPLAY_OPTION: new Array<number>(10).fill(0),
    USER_ID: new Array<number>(10).fill(0),
    BORDER: [0xc0],
    READ_OPTION: [0x00],
    X_WINDOW: [0x00, columns - 1],
    Y_WINDOW: [0x00, 0x00, last & 0xff, last >> 8],
    X_COUNTER: [0x00],
    Y_COUNTER: [0x00, 0x00],
  };
}
