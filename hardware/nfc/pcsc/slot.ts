import type { Logger, Reader } from 'nfc-pcsc';
import { type FailedTransfer, failedTransfer, type PcscFailure } from './failure.js';
import { type ListedReader, MAX_APDU_BYTES } from './messages.js';

const FAILED_STATUS = Buffer.from([0x63, 0x00]);

/** One reader of nfc-pcsc with the tag on it; one transfer at a time. */
export class Slot {
  readonly #reader: Reader;
  /** Of the tag that lies on it. */
  #atr: Uint8Array | undefined;
  /** How many have been laid on it. */
  #laid = 0;
  /** Settles when it is known whether a tag lies on it, and nfc-pcsc has connected to that, or failed to. */
  #settled: Promise<void>;
  #settle: () => void = () => undefined;
  /** What is due before the next transfer: to power the tag anew, or to take up a connection that was lost. */
  #due: 'power' | 'connect' | undefined;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(reader: Reader) {
    this.#reader = reader;
    this.#settled = this.#unsettled();
    reader.autoProcessing = false;
    // nfc-pcsc connects to what is laid on. Of success it tells by an event, of failure by its log alone: it emits the
    // error under the error's own name, which nobody can listen to.
    reader.logger = loggerOf(() => this.#connected(false));
    reader.on('card', () => this.#connected(true));
    reader.once('end', () => this.#settle());
    const { SCARD_STATE_PRESENT: present } = reader.reader;
    // The listener of nfc-pcsc came first, and has begun to connect.
    reader.reader.on('status', ({ state, atr }) => {
      const was = (reader.reader.state ?? 0) & present;
      const is = state & present;
      this.#atr = is === 0 ? undefined : (atr ?? Uint8Array.of());
      if (is === 0) this.#settle();
      else if (was === 0) {
        this.#laid += 1;
        this.#settled = this.#unsettled();
      }
    });
  }

  get name(): string {
    return this.#reader.name;
  }

  /** Its name, and what lies on it. */
  listed(): Promise<ListedReader> {
    return this.#next(async () => {
      const { name } = this.#reader;
      const tag = this.#laid;
      const failure = this.#atr === undefined ? undefined : await this.#ready();
      if (this.#atr === undefined || failure === 'tag-gone') return { name, tag };
      const atr = Buffer.from(this.#atr).toString('hex');
      return failure === undefined ? { name, atr, tag } : { name, atr, tag, failure: asFailure(failure) };
    });
  }

  /** The answer of this tag of all that were laid on, empty where it is gone; or why there is no answer. */
  transmit(apdu: Uint8Array, tag: number): Promise<Uint8Array | PcscFailure> {
    return this.#next(async () => {
      if (this.#atr === undefined || tag !== this.#laid) return Uint8Array.of();
      const failure = (await this.#ready()) ?? (await this.#transfer(apdu));
      // Another process reset the tag: what was asked of a page may be asked again.
      const answer = failure === 'tag-reset' ? ((await this.#ready()) ?? (await this.#transfer(apdu))) : failure;
      if (answer === 'tag-gone') return Uint8Array.of();
      return answer instanceof Uint8Array ? answer : asFailure(answer);
    });
  }

  async #transfer(apdu: Uint8Array): Promise<Uint8Array | FailedTransfer> {
    try {
      const answer = await this.#reader.transmit(Buffer.from(apdu), MAX_APDU_BYTES);
      // Some readers refuse everything after one refusal, until the tag is powered anew (nfc-pcsc issue 37).
      this.#due = FAILED_STATUS.equals(answer) ? 'power' : undefined;
      return answer;
    } catch (error) {
      this.#due = 'connect';
      return failedTransfer(error);
    }
  }

  /** Connected to the tag as it lies there now; or why not. */
  async #ready(): Promise<FailedTransfer | undefined> {
    if (this.#due === undefined && this.#reader.connection !== null) return undefined;
    const { reader } = this.#reader;
    // Whoever shares the reader notices that the tag was powered anew: not more often than there is need.
    const disposition = this.#due === 'power' ? reader.SCARD_RESET_CARD : reader.SCARD_LEAVE_CARD;
    // The binding takes a connection that has ended for one that holds until it is told.
    await new Promise<void>((resolve) => reader.disconnect(disposition, () => resolve()));
    try {
      await this.#reader.connect();
      this.#due = undefined;
      return undefined;
    } catch (error) {
      return failedTransfer(error);
    }
  }

  #connected(isConnected: boolean): void {
    this.#due = isConnected ? undefined : 'connect';
    this.#settle();
  }

  #unsettled(): Promise<void> {
    this.#settle();
    return new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#tail.then(() => this.#settled).then(work);
    this.#tail = done.catch(() => undefined);
    return done;
  }
}

function loggerOf(onError: () => void): Logger {
  const nothing = () => undefined;
  return { log: nothing, debug: nothing, info: nothing, warn: nothing, error: onError };
}

function asFailure(failure: Exclude<FailedTransfer, 'tag-gone'>): PcscFailure {
  if (failure !== 'tag-reset') return failure;
  return { code: 'nfc.reader-busy', message: 'another process resets the tag again and again' };
}
