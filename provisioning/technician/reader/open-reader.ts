import {
  type Clock,
  connectHardwareSocket,
  HardwareError,
  type HardwareSocket,
  type NfcReader,
  PcscReader,
} from '../../../hardware/index.js';

/** A reader on this machine, by a part of its name where there are several, or one that another process holds. */
export type ReaderChoice = { readerName?: string | undefined; hardwareSocket?: string | undefined };

export type OpenReader = (choice: ReaderChoice) => ClosableReader;

/** Whoever has opened it closes it. */
export type ClosableReader = NfcReader & { close(): void };

/** Opens nothing before it is asked: what is wrong with a reader is an error of the first call. */
export function readerOpener({ clock }: { clock: Clock }): OpenReader {
  // A person waits for it: it is asked again at once.
  const random = () => 0;
  return ({ readerName, hardwareSocket }) =>
    hardwareSocket === undefined ? new PcscReader({ clock, random, readerName }) : new SocketReader(hardwareSocket);
}

/** The reader at the other end of a socket, which is connected anew after it was lost. */
class SocketReader implements ClosableReader {
  readonly #path: string;
  #opening: Promise<HardwareSocket> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async atr(): Promise<Uint8Array | undefined> {
    return await this.#use(({ nfc }) => nfc.atr());
  }

  async transmit(apdu: Uint8Array, signal?: AbortSignal): Promise<Uint8Array> {
    return await this.#use(({ nfc }) => nfc.transmit(apdu, signal));
  }

  close(): void {
    this.#opening?.then((socket) => socket.close()).catch(() => undefined);
  }

  async #use<T>(work: (socket: HardwareSocket) => Promise<T>): Promise<T> {
    this.#opening ??= connectHardwareSocket(this.#path);
    try {
      return await work(await this.#opening);
    } catch (error) {
      if (error instanceof HardwareError && error.code !== 'socket.refused') this.#opening = undefined;
      throw error;
    }
  }
}
