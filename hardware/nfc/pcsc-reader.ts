import { HardwareError } from '../errors.js';
import type { Clock, NfcReader } from '../ports.js';
import { type ListedReader, MAX_APDU_BYTES } from './pcsc/messages.js';
import { PcscProcess } from './pcsc/pcsc-process.js';
import { askPcscd, PCSCD_SOCKET } from './pcsc/pcsc-service.js';

export type PcscReaderOptions = {
  clock: Clock;
  /** 0 to 1. */
  random: () => number;
  /** A part of the reader's name, where there are several; left out, whichever holds a tag. */
  readerName?: string | undefined;
  socketPath?: string;
};

/** A reader as pcscd names it, and whether a tag lies on it. */
export type PcscReaderState = { name: string; hasTag: boolean };

/** The slot of a reader's own security module, in which no tag ever lies. */
const SAM_SLOT = /\bSAM\b/i;
const BACK_OFF = { baseMs: 1000, capMs: 60_000 };
/** A hub that knows who it is asks no more: the process takes memory that drawing needs. */
const IDLE_LIMIT_MS = 60_000;

/**
 * The tag readers of this machine, by PC/SC. It may be made and asked without pcscd, whose comings and goings are errors
 * of single calls; nothing runs until it is asked, nor for long after.
 */
export class PcscReader implements NfcReader {
  readonly #options: PcscReaderOptions;
  readonly #closing = new AbortController();
  #process: PcscProcess | undefined;
  #starting: Promise<PcscProcess> | undefined;
  #idle: AbortController | undefined;
  /** The tag that was last asked for, and its reader; 'lost' with the process that knew it. */
  #chosen: { reader: string; tag: number } | 'lost' | undefined;
  #failures = 0;
  #lastFailure: { error: HardwareError; againAtMs: number } | undefined;

  constructor(options: PcscReaderOptions) {
    this.#options = options;
  }

  /**
   * The readers that tags may be laid on.
   * @throws HardwareError `nfc.not-installed`, `nfc.no-service`, `nfc.service-hangs`, `nfc.reader-failed`, `nfc.stopped`
   */
  async readers(): Promise<PcscReaderState[]> {
    return (await this.#list()).map(({ name, atr }) => ({ name, hasTag: atr !== undefined }));
  }

  /** @throws HardwareError as {@link readers}, `nfc.no-reader`, `nfc.several-tags`, `nfc.reader-busy` */
  async atr(): Promise<Uint8Array | undefined> {
    const { readerName } = this.#options;
    const all = await this.#list();
    const wanted = readerName === undefined ? all : all.filter(({ name }) => name.includes(readerName));
    if (wanted.length === 0) throw noReader(all, readerName);
    const [one, another] = wanted.filter(({ atr }) => atr !== undefined);
    if (one !== undefined && another !== undefined) {
      throw new HardwareError('nfc.several-tags', `a tag lies on ${one.name}, and one on ${another.name}`);
    }
    this.#chosen = one === undefined ? undefined : { reader: one.name, tag: one.tag };
    if (one?.failure !== undefined) throw new HardwareError(one.failure.code, one.failure.message);
    return one?.atr === undefined ? undefined : Uint8Array.from(Buffer.from(one.atr, 'hex'));
  }

  /** @throws HardwareError as {@link atr} */
  async transmit(apdu: Uint8Array, signal?: AbortSignal): Promise<Uint8Array> {
    signal?.throwIfAborted();
    if (apdu.length > MAX_APDU_BYTES) {
      throw new HardwareError('nfc.reader-failed', `an APDU of ${apdu.length} bytes, limit ${MAX_APDU_BYTES}`);
    }
    if (this.#chosen === undefined && (await this.atr()) === undefined) return Uint8Array.of();
    const process = await this.#running();
    if (this.#chosen === undefined || this.#chosen === 'lost') return Uint8Array.of();
    const news = await process.ask({ op: 'transmit', ...this.#chosen, apdu: Buffer.from(apdu).toString('hex') });
    signal?.throwIfAborted();
    return Uint8Array.from(Buffer.from(news.kind === 'answer' ? news.apdu : '', 'hex'));
  }

  /** Ends the process; safe to call twice. What is asked afterwards fails with `nfc.stopped`. */
  close(): void {
    this.#closing.abort(new HardwareError('nfc.stopped', 'the reader was closed'));
    this.#idle?.abort();
    this.#process?.kill();
  }

  async #list(): Promise<ListedReader[]> {
    const process = await this.#running();
    // A pcscd that hangs would leave the process with what it knew before.
    await this.#alive(process);
    const news = await process.ask({ op: 'list' });
    return news.kind === 'list' ? news.readers.filter(({ name }) => !SAM_SLOT.test(name)) : [];
  }

  async #alive(process: PcscProcess): Promise<void> {
    const { clock, socketPath = PCSCD_SOCKET } = this.#options;
    try {
      await askPcscd(socketPath, clock);
    } catch (error) {
      process.kill();
      throw error;
    }
  }

  async #running(): Promise<PcscProcess> {
    this.#closing.signal.throwIfAborted();
    this.#idle?.abort();
    if (this.#process === undefined || this.#process.isGone) {
      this.#starting ??= this.#start().finally(() => {
        this.#starting = undefined;
      });
      this.#process = await this.#starting;
    }
    this.#endWhenIdle(this.#process);
    return this.#process;
  }

  async #start(): Promise<PcscProcess> {
    const { clock, random, socketPath = PCSCD_SOCKET } = this.#options;
    if (this.#chosen !== undefined) this.#chosen = 'lost';
    if (this.#lastFailure !== undefined && clock.monotonic() < this.#lastFailure.againAtMs)
      throw this.#lastFailure.error;
    // Without pcscd the library would try for ever.
    await askPcscd(socketPath, clock);
    try {
      const started = await PcscProcess.start(clock, socketPath);
      if (this.#closing.signal.aborted) started.kill();
      this.#closing.signal.throwIfAborted();
      this.#failures = 0;
      this.#lastFailure = undefined;
      return started;
    } catch (error) {
      if (error instanceof HardwareError) {
        this.#failures += 1;
        const spanMs = Math.min(BACK_OFF.capMs, BACK_OFF.baseMs * 2 ** Math.min(this.#failures - 1, 10));
        this.#lastFailure = { error, againAtMs: clock.monotonic() + random() * spanMs };
      }
      throw error;
    }
  }

  #endWhenIdle(process: PcscProcess): void {
    const idle = new AbortController();
    this.#idle?.abort();
    this.#idle = idle;
    this.#options.clock.sleep(IDLE_LIMIT_MS, idle.signal).then(
      () => process.kill(),
      () => undefined,
    );
  }
}

function noReader(all: readonly ListedReader[], readerName: string | undefined): HardwareError {
  if (readerName === undefined) return new HardwareError('nfc.no-reader', 'pcscd knows no tag reader');
  const names = all.map(({ name }) => name).join(', ');
  return new HardwareError('nfc.no-reader', `no reader is called ${readerName}; there is ${names || 'none'}`);
}
