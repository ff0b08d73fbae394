import type { Logger } from 'pino';
import { type Clock, HardwareError, type HardwareSocket, type NfcReader, type PanelPort } from '../hardware/index.js';
import { type BackOff, backOffMs } from './back-off.js';

export type HardwareLinkDeps = {
  connect: () => Promise<HardwareSocket>;
  clock: Pick<Clock, 'sleep'>;
  random: () => number;
  log: Logger;
};

const BACK_OFF: BackOff = { baseMs: 500, capMs: 30_000 };
/** For how long a call waits for the hardware to come back before it fails. */
const PATIENCE_MS = 60_000;

/**
 * Hardware in another process, which may be started anew. Each loss fails the call that meets it, so that whoever was
 * in the middle of something begins again; the calls after it wait for the hardware to come back.
 */
export class HardwareLink {
  readonly #deps: HardwareLinkDeps;
  readonly #closing = new AbortController();
  readonly nfc: NfcReader;
  #socket: HardwareSocket;
  /** Settles when the lost socket is open again. */
  #reopening: Promise<void> | undefined;

  private constructor(deps: HardwareLinkDeps, socket: HardwareSocket) {
    this.#deps = deps;
    this.#socket = socket;
    this.nfc = {
      atr: () => this.#use(({ nfc }) => nfc.atr()),
      transmit: (apdu, signal) => this.#use(({ nfc }) => nfc.transmit(apdu, signal)),
    };
  }

  /** @throws HardwareError `socket.unreachable`, `socket.protocol` */
  static async open(deps: HardwareLinkDeps): Promise<HardwareLink> {
    return new HardwareLink(deps, await deps.connect());
  }

  /** The ports of a panel; undefined if none of this id is wired. */
  panel(id: string): PanelPort | undefined {
    const first = this.#socket.panels[id];
    if (first === undefined) return undefined;
    const use = <T>(work: (port: PanelPort) => Promise<T>) => this.#use((socket) => work(portOf(socket, id)));
    return {
      spi: {
        maxTransferBytes: first.spi.maxTransferBytes,
        transfer: (bytes) => use(({ spi }) => spi.transfer(bytes)),
      },
      gpio: {
        set: (line, level) => use(({ gpio }) => gpio.set(line, level)),
        get: (line) => use(({ gpio }) => gpio.get(line)),
      },
    };
  }

  close(): void {
    this.#closing.abort(new HardwareError('socket.closed', 'closed by us'));
    this.#socket.close();
  }

  async #use<T>(work: (socket: HardwareSocket) => Promise<T>): Promise<T> {
    if (this.#reopening !== undefined) await this.#untilOpen(this.#reopening);
    const socket = this.#socket;
    try {
      return await work(socket);
    } catch (error) {
      if (isLoss(error) && socket === this.#socket && this.#reopening === undefined) this.#reopen(error);
      throw error;
    }
  }

  async #untilOpen(reopening: Promise<void>): Promise<void> {
    const over = new AbortController();
    const limit = this.#deps.clock.sleep(PATIENCE_MS, AbortSignal.any([over.signal, this.#closing.signal])).then(() => {
      throw new HardwareError('socket.unreachable', `the hardware has not come back within ${PATIENCE_MS} ms`);
    });
    try {
      await Promise.race([reopening, limit]);
    } finally {
      over.abort();
      await limit.catch(() => undefined);
    }
  }

  #reopen(cause: unknown): void {
    if (this.#closing.signal.aborted) return;
    this.#socket.close();
    this.#deps.log.info({ err: cause }, 'hardware lost');
    this.#reopening = this.#connectAgain().then(
      () => {
        this.#reopening = undefined;
      },
      // Closed meanwhile: whoever waits hears it from the signal.
      () => undefined,
    );
  }

  async #connectAgain(): Promise<void> {
    const { connect, clock, random, log } = this.#deps;
    const { signal } = this.#closing;
    for (let failures = 1; ; failures += 1) {
      await clock.sleep(backOffMs(BACK_OFF, failures, random), signal);
      try {
        this.#socket = await connect();
        break;
      } catch (error) {
        log.debug({ err: error, failures }, 'hardware still away');
      }
    }
    if (signal.aborted) this.#socket.close();
    else log.info('hardware back');
  }
}

function portOf({ panels }: HardwareSocket, id: string): PanelPort {
  const port = panels[id];
  if (port === undefined) throw new HardwareError('socket.unreachable', `no panel ${id} is wired any more`);
  return port;
}

function isLoss(error: unknown): boolean {
  return error instanceof HardwareError && (error.code === 'socket.closed' || error.code === 'socket.protocol');
}
