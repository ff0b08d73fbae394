import type { EpdBus } from '../epd-bus.js';
import type { Frame } from '../frame.js';
import type { PixelWindow, PlaneSpec, Waveform } from '../panel-spec.js';
import { planeRows } from '../plane-rows.js';
import type { Controller } from './controller.js';

// SSD1680 and SSD1683 datasheets, command table.
const DEEP_SLEEP = 0x10;
const SOFT_RESET = 0x12;
const ACTIVATE = 0x20;
const UPDATE_CONTROL_2 = 0x22;
const X_WINDOW = 0x44;
const Y_WINDOW = 0x45;
const X_COUNTER = 0x4e;
const Y_COUNTER = 0x4f;

/** Bits of update control 2. */
const DISPLAY = 0x04;
const ANALOG_OFF = 0x02;

/** RAM is kept. */
const SLEEP_MODE_1 = 0x01;
const SOFT_RESET_MS = 10;
/** Loading a waveform, with the clock started for it. */
const LOAD_MS = 20;

/**
 * SSD1680 and SSD1683 with two inks: 24 is what the glass is to show, 26 what it shows. RAM outlives reset and sleep,
 * and between refreshes both planes are kept the same, so that a partial refresh sends only what changed. Each
 * refresh ends with the high voltage off.
 */
export const ssd168x: Controller = {
  async prepare(bus, waveform, signal) {
    await bus.waitUntilIdle('reset', signal);
    for (const [code, ...data] of waveform.init) {
      if (code === undefined) continue;
      await bus.command(code, Uint8Array.from(data));
      if (code === SOFT_RESET) await settle(bus, 'SWRESET', SOFT_RESET_MS, signal);
      if (code === ACTIVATE) await settle(bus, 'loading a waveform', LOAD_MS, signal);
    }
  },

  async load(bus, frame, waveform) {
    const whole = { x: 0, y: 0, width: frame.width, height: frame.height };
    await setWindow(bus, whole, waveform);
    // Having written the last byte of the window, the address counters are at its first again.
    for (const plane of waveform.planes) await send(bus, plane, frame, whole);
  },

  async refresh(bus, { updates = [], refreshMs }, signal) {
    const { powerOnMs, powerOffMs } = bus.spec;
    for (const update of updates) {
      const drives = (update & DISPLAY) !== 0;
      const switchesOff = (update & ANALOG_OFF) !== 0;
      await bus.command(UPDATE_CONTROL_2, Uint8Array.of(update));
      await bus.command(ACTIVATE);
      const expectedMs = drives ? refreshMs + powerOnMs : switchesOff ? powerOffMs : powerOnMs;
      // A panel without power has BUSY low, which here means done: only one that then answers again has done it.
      await bus.waitWhileBusy({ what: 'activation', expectedMs, mustAnswer: drives || switchesOff, signal });
    }
  },

  async powerOff() {
    // The last step of every refresh does it.
  },

  async deepSleep(bus) {
    await bus.command(DEEP_SLEEP, Uint8Array.of(SLEEP_MODE_1));
  },

  partial: {
    mostWindows: 8,
    // Seven commands in as many messages, each with its own change of D/C.
    bytesPerWindow: 120,
    keepsRam: true,

    async fill(bus, shown, waveform) {
      const whole = { x: 0, y: 0, width: shown.width, height: shown.height };
      await setWindow(bus, whole, waveform);
      for (const plane of waveform.planes) await send(bus, plane, shown, whole);
    },

    async enter(bus, { after, windows }, waveform) {
      const toShow = waveform.planes.at(-1);
      if (toShow !== undefined) await sendWindows(bus, [toShow], after, windows, waveform);
    },

    async leave(bus, { after, windows }, waveform) {
      await sendWindows(bus, waveform.planes.slice(0, 1), after, windows, waveform);
    },
  },
};

async function settle(bus: EpdBus, what: string, expectedMs: number, signal?: AbortSignal): Promise<void> {
  await bus.waitWhileBusy({ what, expectedMs, mustAnswer: false, signal });
}

async function sendWindows(
  bus: EpdBus,
  planes: readonly PlaneSpec[],
  frame: Frame,
  windows: readonly PixelWindow[],
  waveform: Waveform,
): Promise<void> {
  for (const window of windows) {
    await setWindow(bus, window, waveform);
    for (const plane of planes) await send(bus, plane, frame, window);
  }
}

async function send(bus: EpdBus, plane: PlaneSpec, frame: Frame, window: PixelWindow): Promise<void> {
  await bus.stream(plane.command, planeRows(frame, window, plane, bus.maxTransferBytes));
}

/** Columns in bytes, rows in 16 bits with the low byte first, ends included. */
async function setWindow(bus: EpdBus, window: PixelWindow, { firstByte = 0 }: Waveform): Promise<void> {
  const left = firstByte + window.x / 8;
  const right = left + Math.ceil(window.width / 8) - 1;
  const top = window.y;
  const bottom = top + window.height - 1;
  await bus.command(X_WINDOW, Uint8Array.of(left, right));
  await bus.command(Y_WINDOW, Uint8Array.of(top & 0xff, top >> 8, bottom & 0xff, bottom >> 8));
  await bus.command(X_COUNTER, Uint8Array.of(left));
  await bus.command(Y_COUNTER, Uint8Array.of(top & 0xff, top >> 8));
}
