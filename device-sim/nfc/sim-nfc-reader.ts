import type { NfcReader } from '../../hardware/index.js';
import { type ReaderFaults, ReaderFront } from './reader-front.js';
import type { SimTag } from './sim-tag.js';

/** A tag reader in this process, with room for one tag. */
export class SimNfcReader implements NfcReader {
  readonly #front = new ReaderFront();
  /** Which of the tags that were laid on it was asked for last. */
  #asked: number | undefined;

  get faults(): ReaderFaults {
    return this.#front.faults;
  }

  /** Puts a tag down, in place of the one that lay there. */
  place(tag: SimTag): void {
    this.#front.place(tag);
  }

  remove(): void {
    this.#front.remove();
  }

  async atr(): Promise<Uint8Array | undefined> {
    const atr = this.#front.atr();
    this.#asked = atr === undefined ? undefined : this.#front.laid;
    return atr;
  }

  async transmit(apdu: Uint8Array, signal?: AbortSignal): Promise<Uint8Array> {
    signal?.throwIfAborted();
    if (this.#asked !== undefined && this.#asked !== this.#front.laid) return Uint8Array.of();
    return this.#front.transmit(apdu);
  }
}
