/** Time as the product sees it. The simulator's clock may run fast, stand still or jump. */
export interface Clock {
  /** Wall time in milliseconds since 1970, which may jump. */
  now(): number;
  /** Milliseconds since an arbitrary start, which never go back. */
  monotonic(): number;
  /** Resolves after `ms`. Rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The write side of an SPI bus, mode 0, 8 bits, most significant bit first. */
export interface SpiPort {
  /** The longest transfer that the bus takes in one message, in bytes; a longer one is an error. */
  readonly maxTransferBytes: number;
  /** Clocks the bytes out in one message and resolves when the last has left. */
  transfer(bytes: Uint8Array): Promise<void>;
}

/** The lines of a panel's connector besides SPI. `cs-m` and `cs-s` exist where chip select is a GPIO. */
export type PanelLine = 'rst' | 'dc' | 'busy' | 'pwr' | 'cs-m' | 'cs-s';

export type Level = 0 | 1;

export interface GpioLines {
  set(line: Exclude<PanelLine, 'busy'>, level: Level): Promise<void>;
  get(line: PanelLine): Promise<Level>;
}

/** What a panel is wired to. */
export interface PanelPort {
  readonly spi: SpiPort;
  readonly gpio: GpioLines;
}

/** A contactless reader with at most one tag on it, spoken to in PC/SC APDUs. */
export interface NfcReader {
  /** The ATR of the tag that lies on the reader, or undefined. */
  atr(): Promise<Uint8Array | undefined>;
  /**
   * Sends one command APDU and gives the answer with its status word. The answer is empty where the tag of which `atr` has
   * told last does not lie there any more, even if another does: a write to one tag is not carried on with another.
   */
  transmit(apdu: Uint8Array, signal?: AbortSignal): Promise<Uint8Array>;
}
