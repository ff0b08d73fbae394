import { HardwareError } from '../errors.js';
import type { Clock, Level, PanelPort } from '../ports.js';
import type { PanelSpec } from './panel-spec.js';

/** Often enough to see even the shortest BUSY, that of switching off. */
const ASSERT_POLL_MS = 1;
const BUSY_POLL_MS = 5;
/** Cold glass and older batches take several times as long; after that nothing more will come. */
const GIVE_UP_FACTOR = 4;
const GIVE_UP_FLOOR_MS = 2_000;

/** A short BUSY can be over before this process looked; then the command gets this much of the time that it takes. */
const UNSEEN_FACTOR = 2;

const NO_BYTES = new Uint8Array(0);

/** Which chips of a pair a command is for. */
export type Chips = 'both' | 'master' | 'slave';

const CHIP_LINES: Record<Chips, readonly ('cs-m' | 'cs-s')[]> = {
  both: ['cs-m', 'cs-s'],
  master: ['cs-m'],
  slave: ['cs-s'],
};

/** What a wait for BUSY is about. */
export interface BusyWait {
  /** The command, for the message of an error. */
  readonly what: string;
  readonly expectedMs: number;
  /** Whether BUSY must be seen held: a refresh that nobody answers has not happened. */
  readonly mustAnswer: boolean;
  readonly signal: AbortSignal | undefined;
}

/** Commands and data over the panel's wires, in transfers that the bus takes. */
export class EpdBus {
  readonly #port: PanelPort;
  readonly #clock: Clock;
  readonly #spec: PanelSpec;
  #dc: Level | undefined;
  #busyHeldMs = 0;

  constructor({ port, clock, spec }: { port: PanelPort; clock: Clock; spec: PanelSpec }) {
    this.#port = port;
    this.#clock = clock;
    this.#spec = spec;
  }

  get spec(): PanelSpec {
    return this.#spec;
  }

  get maxTransferBytes(): number {
    return this.#port.spi.maxTransferBytes;
  }

  /** Milliseconds for which BUSY was seen held since the bus was made: time that is the panel's own. */
  get busyHeldMs(): number {
    return this.#busyHeldMs;
  }

  /** Sends a command and a few bytes of data. */
  async command(code: number, data: Uint8Array = NO_BYTES, chips: Chips = 'both'): Promise<void> {
    await this.#select(chips, async () => {
      await this.#begin(code);
      for (let at = 0; at < data.length; at += this.maxTransferBytes) {
        await this.#data(1);
        await this.#port.spi.transfer(data.subarray(at, at + this.maxTransferBytes));
      }
    });
  }

  /**
   * Sends a command and a long run of data, whose pieces are no longer than `maxTransferBytes`.
   * @throws HardwareError `epd.chip-restarted`
   */
  async stream(code: number, pieces: Iterable<Uint8Array>, chips: Chips = 'both'): Promise<void> {
    await this.#select(chips, async () => {
      await this.#begin(code);
      for (const piece of pieces) {
        await this.#data(1);
        await this.#port.spi.transfer(piece);
        if (!(await this.#isBusy())) continue;
        throw new HardwareError('epd.chip-restarted', `BUSY was held while the data of command ${code} was sent`);
      }
    });
  }

  /** Switches the module on; the supply then needs a moment. */
  async powerUp(signal?: AbortSignal): Promise<void> {
    if (this.#spec.chipSelect === 'lines') await this.#lines('both', 1);
    await this.#port.gpio.set('pwr', 1);
    await this.#port.gpio.set('rst', 1);
    await this.#clock.sleep(this.#spec.reset.powerRampMs, signal);
  }

  async pulseReset(signal?: AbortSignal): Promise<void> {
    const { lowMs, settleMs, pulses = 1 } = this.#spec.reset;
    this.#dc = undefined;
    for (let pulse = 0; pulse < pulses; pulse += 1) {
      await this.#port.gpio.set('rst', 0);
      await this.#clock.sleep(lowMs, signal);
      await this.#port.gpio.set('rst', 1);
      await this.#clock.sleep(settleMs, signal);
    }
  }

  /** @throws the signal's reason */
  async pause(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms > 0) await this.#clock.sleep(ms, signal);
  }

  /**
   * Waits until BUSY is not held, whether or not it was.
   * @throws HardwareError `epd.busy-timeout`
   */
  async waitUntilIdle(what: string, signal?: AbortSignal): Promise<void> {
    await this.#waitForRelease(what, 0, signal);
  }

  /**
   * Waits until BUSY was held and is released.
   * @throws HardwareError `epd.busy-timeout`, `epd.no-answer`
   */
  async waitWhileBusy({ what, expectedMs, mustAnswer, signal }: BusyWait): Promise<void> {
    const asked = this.#clock.monotonic();
    const { busyAssertMs } = this.#spec;
    const patienceMs = mustAnswer ? busyAssertMs : Math.max(busyAssertMs, expectedMs * UNSEEN_FACTOR);
    while (!(await this.#isBusy())) {
      const waitedMs = this.#clock.monotonic() - asked;
      if (waitedMs >= patienceMs) {
        if (!mustAnswer) return;
        throw new HardwareError('epd.no-answer', `BUSY was not held within ${Math.round(waitedMs)} ms after ${what}`);
      }
      await this.#clock.sleep(ASSERT_POLL_MS, signal);
    }
    await this.#waitForRelease(what, expectedMs, signal);
  }

  async #waitForRelease(what: string, expectedMs: number, signal: AbortSignal | undefined): Promise<void> {
    const limitMs = Math.max(GIVE_UP_FLOOR_MS, expectedMs * GIVE_UP_FACTOR);
    const held = this.#clock.monotonic();
    try {
      while (await this.#isBusy()) {
        const heldMs = this.#clock.monotonic() - held;
        if (heldMs >= limitMs) {
          const message = `BUSY held for ${Math.round(heldMs)} ms after ${what}, limit ${limitMs} ms`;
          throw new HardwareError('epd.busy-timeout', message);
        }
        await this.#clock.sleep(BUSY_POLL_MS, signal);
      }
    } finally {
      this.#busyHeldMs += this.#clock.monotonic() - held;
    }
    await this.pause(this.#spec.afterBusyMs ?? 0, signal);
  }

  async #isBusy(): Promise<boolean> {
    return (await this.#port.gpio.get('busy')) === this.#spec.busyLevel;
  }

  async #begin(code: number): Promise<void> {
    await this.#data(0);
    await this.#port.spi.transfer(Uint8Array.of(code));
  }

  /** A chip that was selected by a line must be let go, or it takes what is meant for the other. */
  async #select(chips: Chips, work: () => Promise<void>): Promise<void> {
    if (this.#spec.chipSelect === 'bus') return work();
    await this.#lines(chips, 0);
    try {
      await work();
    } finally {
      await this.#lines(chips, 1);
    }
  }

  async #lines(chips: Chips, level: Level): Promise<void> {
    for (const line of CHIP_LINES[chips]) await this.#port.gpio.set(line, level);
  }

  /** Boards that do not wire D/C take the first byte after chip select as the command; those that do are served too. */
  async #data(level: Level): Promise<void> {
    if (this.#dc === level) return;
    this.#dc = undefined;
    await this.#port.gpio.set('dc', level);
    this.#dc = level;
  }
}
