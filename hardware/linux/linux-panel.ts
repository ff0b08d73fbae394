import type { PanelPort } from '../ports.js';
import { HeaderLines } from './header-lines.js';
import { SpiDevice } from './spi-device.js';
import type { Syscalls } from './syscalls.js';
import { type ChipSelect, WIRINGS, type WiringName, wiredLines } from './wirings.js';

export interface LinuxPanelOptions {
  readonly wiring: WiringName;
  readonly spiHz: number;
  readonly syscalls: Syscalls;
  /** By default `/dev/spidev0.0`. */
  readonly spiDevice?: string;
  /** By default `bus`. */
  readonly chipSelect?: ChipSelect;
}

/** A panel that is wired to this machine's header. */
export interface LinuxPanel extends PanelPort {
  /** Ends the last message and gives the bus and the lines back. Safe to call twice. */
  close(): Promise<void>;
}

const FIRST_BUS = '/dev/spidev0.0';

/**
 * Takes the SPI bus and the GPIO lines of a panel's board.
 * @throws HardwareError `linux.no-device`, `linux.no-permission`, `linux.line-held`, `linux.refused`; the ports throw
 * `linux.device-gone`, `linux.message-too-long`, `linux.not-wired`, `linux.closed`
 */
export async function openLinuxPanel(options: LinuxPanelOptions): Promise<LinuxPanel> {
  const { wiring, spiHz, syscalls, spiDevice = FIRST_BUS, chipSelect = 'bus' } = options;
  const spi = await SpiDevice.open({ path: spiDevice, hz: spiHz, chipSelect, syscalls });
  try {
    const gpio = await HeaderLines.open(syscalls, wiredLines(WIRINGS[wiring], chipSelect));
    return {
      spi,
      gpio,
      close: async () => {
        await spi.close();
        gpio.close();
      },
    };
  } catch (error) {
    await spi.close();
    throw error;
  }
}
