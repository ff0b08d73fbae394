/** The part of nfc-pcsc 0.8.1 that is used here; the package brings no types. */
declare module 'nfc-pcsc' {
  import type { EventEmitter } from 'node:events';

  /** The binding's own reader, below what nfc-pcsc makes of it. */
  export interface CardReader extends EventEmitter {
    readonly SCARD_STATE_PRESENT: number;
    readonly SCARD_LEAVE_CARD: number;
    readonly SCARD_RESET_CARD: number;
    /** The bits of SCardGetStatusChange that were told before; undefined before the first. */
    readonly state: number | undefined;
    on(event: 'status', listener: (status: { state: number; atr?: Uint8Array }) => void): this;
    disconnect(disposition: number, done: (error?: Error | null) => void): void;
  }

  export interface Reader extends EventEmitter {
    readonly name: string;
    readonly reader: CardReader;
    readonly card: object | null;
    connection: object | null;
    autoProcessing: boolean;
    logger: Logger;
    connect(): Promise<object>;
    /** Rejects, or throws at once where no card is connected. */
    transmit(apdu: Uint8Array, maxAnswerBytes: number): Promise<Uint8Array>;
  }

  export interface Logger {
    log(...facts: unknown[]): void;
    debug(...facts: unknown[]): void;
    info(...facts: unknown[]): void;
    warn(...facts: unknown[]): void;
    error(...facts: unknown[]): void;
  }

  export interface NFC extends EventEmitter {
    on(event: 'reader', listener: (reader: Reader) => void): this;
    on(event: 'error', listener: (error: Error) => void): this;
  }

  export const NFC: new (logger?: Logger) => NFC;
}
