import type { Chips, EpdBus } from '../epd-bus.js';
import type { PlaneSpec } from '../panel-spec.js';
import { planeRows } from '../plane-rows.js';
import type { Controller } from './controller.js';

// No datasheet is public: named after the UC81xx commands that they are like.
const POF = 0x02;
const PON = 0x04;
const DSLP = 0x07;
const DRF = 0x12;

const DSLP_CHECK_CODE = 0xa5;

/**
 * The chips of colour glass (AC073TC1 and the Spectra 6 ones), alone or as a pair of which each drives half of every row.
 * One plane of four bits per pixel; the high voltage is on only for the refresh, which always drives the whole glass.
 */
export const ac073: Controller = {
  async prepare(bus, waveform, signal) {
    await bus.waitUntilIdle('reset', signal);
    const { masterOnly = [] } = bus.spec;
    for (const [code, ...data] of waveform.init) {
      if (code === undefined) continue;
      await bus.command(code, Uint8Array.from(data), masterOnly.includes(code) ? 'master' : 'both');
    }
  },

  async load(bus, frame, waveform) {
    const { width, height } = frame;
    for (const plane of waveform.planes) {
      const columns = plane.half === undefined ? width : width / 2;
      const window = { x: plane.half === 'right' ? columns : 0, y: 0, width: columns, height };
      await bus.stream(plane.command, planeRows(frame, window, plane, bus.maxTransferBytes), chipsOf(plane));
    }
  },

  async refresh(bus, { refreshMs, poweredUp }, signal) {
    await bus.command(PON);
    await bus.waitWhileBusy({ what: 'PON', expectedMs: bus.spec.powerOnMs, mustAnswer: false, signal });
    for (const [code, ...data] of poweredUp?.steps ?? []) {
      if (code !== undefined) await bus.command(code, Uint8Array.from(data));
    }
    await bus.pause(poweredUp?.pauseMs ?? 0, signal);
    await bus.command(DRF, Uint8Array.of(0x00));
    await bus.waitWhileBusy({ what: 'DRF', expectedMs: refreshMs, mustAnswer: true, signal });
    await switchOff(bus, signal);
  },

  async powerOff() {
    // The high voltage went off with the end of the refresh.
  },

  async deepSleep(bus) {
    await bus.command(DSLP, Uint8Array.of(DSLP_CHECK_CODE));
  },
};

async function switchOff(bus: EpdBus, signal?: AbortSignal): Promise<void> {
  await bus.command(POF, Uint8Array.of(0x00));
  await bus.waitWhileBusy({ what: 'POF', expectedMs: bus.spec.powerOffMs, mustAnswer: false, signal });
}

function chipsOf({ half }: PlaneSpec): Chips {
  if (half === undefined) return 'both';
  return half === 'left' ? 'master' : 'slave';
}
