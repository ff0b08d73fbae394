/** One thing that a vendor's driver does on the wires. */
export type VendorStep =
  | { readonly rst: 0 | 1 }
  | { readonly pwr: 0 | 1 }
  | { readonly waitMs: number }
  | { readonly untilIdle: true }
  | { readonly command: number; readonly data: readonly number[] }
  /** A picture plane of equal bytes. */
  | { readonly command: number; readonly fill: number; readonly bytes: number };

const PLANE_BYTES = 48_000;

const RESET = [{ rst: 1 }, { waitMs: 20 }, { rst: 0 }, { waitMs: 2 }, { rst: 1 }, { waitMs: 20 }] as const;
/** The driver asks for the status (71) and then looks only at the pin. */
const UNTIL_IDLE = [{ waitMs: 100 }, send(0x71), { untilIdle: true }, { waitMs: 20 }] as const;
const POWER_ON = [send(0x04), ...UNTIL_IDLE] as const;
const REFRESH = [send(0x12), ...UNTIL_IDLE] as const;

/**
 * What the vendor's driver of the 7.5" V2 sends.
 * Source: waveshareteam/e-Paper, epd7in5_V2.py, commit 86aa993, run against a stub bus.
 */
export const VENDOR_7IN5_V2 = {
  init: [
    ...RESET,
    send(0x06, 0x17, 0x17, 0x28, 0x17),
    send(0x01, 0x07, 0x07, 0x28, 0x17),
    ...POWER_ON,
    send(0x00, 0x1f),
    send(0x61, 0x03, 0x20, 0x01, 0xe0),
    send(0x15, 0x00),
    send(0x50, 0x10, 0x07),
    send(0x60, 0x22),
  ],
  initFast: [
    ...RESET,
    send(0x00, 0x1f),
    send(0x50, 0x10, 0x07),
    ...POWER_ON,
    send(0x06, 0x27, 0x27, 0x18, 0x17),
    send(0xe0, 0x02),
    send(0xe5, 0x5a),
  ],
  initPartial: [...RESET, send(0x00, 0x1f), ...POWER_ON, send(0xe0, 0x02), send(0xe5, 0x6e)],
  initFourGrey: [
    ...RESET,
    send(0x00, 0x1f),
    send(0x50, 0x10, 0x07),
    ...POWER_ON,
    send(0x06, 0x27, 0x27, 0x18, 0x17),
    send(0xe0, 0x02),
    send(0xe5, 0x5f),
  ],
  /** A white picture. */
  display: [plane(0x10, 0xff), plane(0x13, 0x00), ...REFRESH],
  /** Columns 16 to 79, rows 40 to 71: a window of 256 bytes, into which the vendor sends a whole frame. */
  displayPartial: [
    send(0x50, 0xa9, 0x07),
    send(0x91),
    send(0x90, 0x00, 0x10, 0x00, 0x4f, 0x00, 0x28, 0x00, 0x47, 0x01),
    plane(0x13, 0xff),
    ...REFRESH,
  ],
  displayFourGrey: [plane(0x10, 0x00), plane(0x13, 0x00), ...REFRESH],
  sleep: [
    send(0x50, 0xf7),
    send(0x02),
    send(0x71),
    { untilIdle: true },
    { waitMs: 20 },
    send(0x07, 0xa5),
    { waitMs: 2_000 },
    { pwr: 0 },
  ],
} as const satisfies Record<string, readonly VendorStep[]>;

function send(command: number, ...data: number[]): { command: number; data: readonly number[] } {
  return { command, data };
}

function plane(command: number, fill: number): { command: number; fill: number; bytes: number } {
  return { command, fill, bytes: PLANE_BYTES };
}
