import type { EpdBus } from '../epd-bus.js';
import type { Frame } from '../frame.js';
import type { PixelWindow, PlaneSpec } from '../panel-spec.js';
import { planeRows } from '../plane-rows.js';
import type { Controller } from './controller.js';

// UC8179 datasheet, command table.
const POF = 0x02;
const PON = 0x04;
const DSLP = 0x07;
const DRF = 0x12;
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
 * UC8179: with two inks, plane DTM1 is what the glass shows (OLD) and DTM2 what it is to show (NEW); with three, DTM1 is
 * black and white and DTM2 red. What a bit means when the glass is driven is said by CDI, which the panel's rows set.
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

  async load(bus, frame, waveform) {
    const whole = { x: 0, y: 0, width: frame.width, height: frame.height };
    for (const plane of waveform.planes) await sendPlane(bus, plane, frame, whole);
  },

  async refresh(bus, waveform, signal) {
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
    // RAM does not outlive deep sleep, and one refresh drives one window: all changes share it, and both of its planes
    // are sent each time. A second refresh would cost more than the longest window.
    mostWindows: 1,
    bytesPerWindow: 0,
    keepsRam: false,

    async enter(bus, { before, after, windows }, { planes: [shown, toShow] }) {
      for (const window of windows) {
        await bus.command(PTIN);
        await bus.command(PTL, windowBytes(window));
        if (shown !== undefined) await sendPlane(bus, shown, before, window);
        if (toShow !== undefined) await sendPlane(bus, toShow, after, window);
      }
    },

    async leave(bus) {
      await bus.command(PTOUT);
    },
  },
};

async function sendPlane(bus: EpdBus, plane: PlaneSpec, frame: Frame, window: PixelWindow): Promise<void> {
  await bus.stream(plane.command, planeRows(frame, window, plane, bus.maxTransferBytes));
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
