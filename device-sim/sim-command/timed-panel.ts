import type { Clock, PanelPort } from '../../hardware/index.js';
import { SimPanel } from '../epd/sim-panel.js';
import { VirtualClock } from '../virtual-clock.js';

const BITS_PER_BYTE = 8;

/** A simulated panel whose bus takes its time, and what its driver is given. */
export interface TimedPanel {
  readonly panel: SimPanel;
  readonly port: PanelPort;
  /** The driver's: each pause of its is written into the trace. */
  readonly clock: Clock;
  /** Commands and data that went over the bus. */
  readonly bytesSent: number;
}

/** A panel on a bus of `spiHz`, in time that jumps: a refresh of 40 s is over at once. */
export function timedPanel({ id, spiHz }: { id: string; spiHz: number }): TimedPanel {
  const clock = new VirtualClock({ auto: true });
  const panel = new SimPanel({ panel: id, clock, spiHz, strictness: 'lint', wholeTrace: true });
  let bytesSent = 0;
  return {
    panel,
    port: {
      gpio: panel.gpio,
      spi: {
        maxTransferBytes: panel.spi.maxTransferBytes,
        transfer: async (bytes) => {
          bytesSent += bytes.length;
          await clock.sleep((bytes.length * BITS_PER_BYTE * 1_000) / spiHz);
          await panel.spi.transfer(bytes);
        },
      },
    },
    clock: {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      sleep: async (ms, signal) => {
        panel.noteWait(ms);
        await clock.sleep(ms, signal);
      },
    },
    get bytesSent() {
      return bytesSent;
    },
  };
}
