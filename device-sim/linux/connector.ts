import type { Level, PanelLine, PanelPort } from '../../hardware/index.js';

/** Which line of a panel's board ends at which BCM number of the header. */
export type Pins = Readonly<Record<number, PanelLine>>;

/** The 40-pin header with a panel's board on it. */
export class Connector {
  readonly #panel: PanelPort;
  readonly #pins: Pins;

  constructor(panel: PanelPort, pins: Pins) {
    this.#panel = panel;
    this.#pins = pins;
  }

  async drive(bcm: number, level: Level): Promise<void> {
    const line = this.#pins[bcm];
    if (line !== undefined && line !== 'busy') await this.#panel.gpio.set(line, level);
  }

  /** A pin that is wired nowhere is pulled down. */
  async sense(bcm: number): Promise<Level> {
    const line = this.#pins[bcm];
    return line === undefined ? 0 : this.#panel.gpio.get(line);
  }

  async clockOut(bytes: Uint8Array): Promise<void> {
    const { spi } = this.#panel;
    for (let at = 0; at < bytes.length; at += spi.maxTransferBytes) {
      await spi.transfer(bytes.subarray(at, at + spi.maxTransferBytes));
    }
  }
}
