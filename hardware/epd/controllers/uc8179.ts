import type { EpdBus } from '../epd-bus.js';
import type { Frame } from '../frame.js';
import { packedRows } from '../packed-rows.js';
import type { PixelWindow, Waveform } from '../panel-spec.js';
import type { Controller } from './controller.js';

// UC8179 datasheet, command table.
const POF = 0x02;
const PON = 0x04;
const DSLP = 0x07;
const DTM1 = 0x10;
const DRF = 0x12;
const DTM2 = 0x13;
const CDI = 0x50;
const PTL = 0x90;
const PTIN = 0x91;
const PTOUT = 0x92;

/** Deep sleep is entered only with this check code. */
const DSLP_CHECK_CODE = 0xa5;
/** The border floats, so that it does not fade while the panel sleeps. Source: vendor sleep sequence. */
const CDI_SLEEP = 0xf7;
/** PT_SCAN: gates outside the window are scanned too, as the vendor does. */
const SCAN_ALL_GATES = 0x01;

/**
 * UC8179 with two inks: plane DTM1 is what the glass shows (OLD), DTM2 what it is to show (NEW).
 *
 * The planes hold bits; CDI says what they mean when the glass is driven. For full and fast refreshes the rows choose
 * "a set bit is black", so NEW is sent inverted, and OLD as the frame is: read with that polarity it is the opposite of
 * NEW, so every pixel makes a transition, which is what clears ghosts. For partial refreshes a set bit is white.
 */
export const uc8179: Controller = {
  async prepare(bus, waveform, signal) {
    for (const [code, ...data] of waveform.init) {
      if (code === undefined) continue;
      await bus.command(code, Uint8Array.from(data));
      if (code !== PON) continue;
      await bus.waitWhileBusy({ what: 'PON', expectedMs: bus.spec.powerOnMs, mustAnswer: false, signal });
    }
  },

  async load(bus, frame) {
    const whole = { x: 0, y: 0, width: frame.width, height: frame.height };
    await sendPlane(bus, DTM1, frame, whole, false);
    await sendPlane(bus, DTM2, frame, whole, true);
  },

  async refresh(bus: EpdBus, waveform: Waveform, signal?: AbortSignal) {
    await bus.command(DRF);
    await bus.waitWhileBusy({ what: 'DRF', expectedMs: waveform.refreshMs, mustAnswer: true, signal });
  },

  async powerOff(bus, signal) {
    await bus.command(CDI, Uint8Array.of(CDI_SLEEP));
    await bus.command(POF);
    await bus.waitWhileBusy({ what: 'POF', expectedMs: bus.spec.powerOffMs, mustAnswer: false, signal });
  },

  async deepSleep(bus) {
    await bus.command(DSLP, Uint8Array.of(DSLP_CHECK_CODE));
  },

  partial: {
    // Both planes of the window are sent each time: the RAM does not outlive deep sleep, and nothing then has to be
    // remembered about what it holds.
    async enter(bus, { before, after }, window) {
      await bus.command(PTIN);
      await bus.command(PTL, windowBytes(window));
      await sendPlane(bus, DTM1, before, window, false);
      await sendPlane(bus, DTM2, after, window, false);
    },

    async leave(bus) {
      await bus.command(PTOUT);
    },
  },
};

async function sendPlane(
  bus: EpdBus,
  plane: number,
  frame: Frame,
  window: PixelWindow,
  invert: boolean,
): Promise<void> {
  await bus.stream(plane, packedRows(frame, window, { maxBytes: bus.maxTransferBytes, invert }));
}

/** HRST, HRED, VRST, VRED as 16 bits each, ends included; HRST falls on the first pixel of a byte, HRED on the last. */
function windowBytes({ x, y, width, height }: PixelWindow): Uint8Array {
  const right = x + width - 1;
  const bottom = y + height - 1;
  return Uint8Array.of(
    x >> 8,
    x & 0xff,
    right >> 8,
    right & 0xff,
    y >> 8,
    y & 0xff,
    bottom >> 8,
    bottom & 0xff,
    SCAN_ALL_GATES,
  );
}
