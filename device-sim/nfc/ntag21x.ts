import { SimError } from '../errors.js';
import {
  CC_PAGE,
  FIRST_USER_PAGE,
  factoryMemory,
  NTAG21X,
  type Ntag21xModel,
  PAGE_BYTES,
  STATIC_LOCK_PAGE,
} from './ntag21x-layout.js';
import { isLocked, merged } from './ntag21x-locks.js';
import type { NativeAnswer, PageTag } from './sim-tag.js';

/** How a tag leaves the field: `torn` in the middle of a write, `lifted` just before one. */
export interface Departure {
  readonly how: 'torn' | 'lifted';
  /** How many writes still succeed. */
  readonly afterWrites: number;
  /** How many bytes of the torn page have arrived; the others are erased. 2 when left out. */
  readonly bytes?: number;
}

// Source: NXP NTAG213/215/216 data sheet, configuration pages: bits of CFG1's ACCESS byte, and of CFG0's MIRROR byte.
const PROTECTS_READS = 0x80;
const CONFIGURATION_LOCKED = 0x40;
const COUNTER_ON = 0x10;
const COUNTER_PROTECTED = 0x08;
const AUTHENTICATION_LIMIT = 0x07;
const MIRRORS_UID = 0x40;
const MIRRORS_COUNTER = 0x80;

const READ_PAGES = 4;
const NXP = 0x04;
const SIGNATURE_BYTES = 32;
const MAX_COUNT = 0xff_ffff;
const COUNTER_NUMBER = 0x02;

const NAK: NativeAnswer = { kind: 'nak' };
const ACK: NativeAnswer = { kind: 'ack' };
const GONE: NativeAnswer = { kind: 'gone' };

/** An NTAG213, 215 or 216 by its pages and native commands. */
export class Ntag21x implements PageTag {
  readonly kind = 'pages';
  readonly uid: Uint8Array;
  readonly #model: Ntag21xModel;
  readonly #memory: Uint8Array;
  readonly #signature: Uint8Array;
  #departure: { how: Departure['how']; left: number; bytes: number } | undefined;
  #inField = true;
  /** What the chip keeps without power, beside its pages. */
  #count = 0;
  #failedTries = 0;
  /** What it forgets. */
  #authenticated = false;
  #counted = false;

  /**
   * A chip as it leaves the factory, with NXP's originality signature if one is given.
   * @throws SimError `nfc.bad-uid`
   */
  constructor({
    uid,
    model = 'ntag213',
    signature = new Uint8Array(SIGNATURE_BYTES),
  }: {
    uid: Uint8Array;
    model?: Ntag21xModel;
    signature?: Uint8Array;
  }) {
    if (uid.length !== 7 || uid[0] !== NXP) {
      throw new SimError('nfc.bad-uid', `UID ${Buffer.from(uid).toString('hex')}: not seven bytes that begin with 04`);
    }
    this.uid = Uint8Array.from(uid);
    this.#model = model;
    this.#memory = factoryMemory(model, uid);
    this.#signature = signature;
  }

  get inField(): boolean {
    return this.#inField;
  }

  return(): void {
    this.#inField = true;
    this.#departure = undefined;
    this.powerCycle();
  }

  powerCycle(): void {
    this.#authenticated = false;
    this.#counted = false;
  }

  /** Lets the tag leave the field during a later write. */
  departLater({ how, afterWrites, bytes = 2 }: Departure): void {
    this.#departure = { how, left: afterWrites, bytes };
  }

  /** The memory as it is, with the password pages: for the eye of a test. */
  dump(): Uint8Array {
    return Uint8Array.from(this.#memory);
  }

  /** Sets bytes of the user area past all locks, as a damaged tag may hold anything. */
  damage(bytes: Uint8Array): void {
    const { dynamicLockPage } = NTAG21X[this.#model];
    this.#memory.set(bytes.slice(0, (dynamicLockPage - FIRST_USER_PAGE) * PAGE_BYTES), FIRST_USER_PAGE * PAGE_BYTES);
  }

  /** Answers one native command. A refusal sends the chip back to where it must be selected anew. */
  command(frame: Uint8Array): NativeAnswer {
    if (!this.#inField) return GONE;
    const answer = this.#answer(frame);
    if (answer.kind === 'nak') this.#authenticated = false;
    return answer;
  }

  #answer(frame: Uint8Array): NativeAnswer {
    const [code, first = 0, second = 0] = frame;
    if (code === 0x30 && frame.length === 2) return this.#read(first);
    if (code === 0x3a && frame.length === 3) return this.#fastRead(first, second);
    if (code === 0xa2 && frame.length === 6) return this.#write(first, frame.slice(2));
    if (code === 0x1b && frame.length === 5) return this.#authenticate(frame.slice(1));
    if (code === 0x39 && frame.length === 2 && first === COUNTER_NUMBER) return this.#readCounter();
    if (code === 0x3c && frame.length === 2 && first === 0) return data(this.#signature);
    if (code === 0x60 && frame.length === 1) return data([0, NXP, 4, 2, 1, 0, NTAG21X[this.#model].storage, 3]);
    return NAK;
  }

  /** Four pages; behind the last readable page comes the first. */
  #read(page: number): NativeAnswer {
    const end = this.#readableEnd();
    if (page >= end) return NAK;
    this.#countOnce();
    const readable = this.#readable();
    const bytes = Array.from({ length: READ_PAGES * PAGE_BYTES }, (_, at) => {
      const from = (page * PAGE_BYTES + at) % (end * PAGE_BYTES);
      return readable[from] ?? 0;
    });
    return data(bytes);
  }

  #fastRead(start: number, end: number): NativeAnswer {
    if (start > end || end >= this.#readableEnd()) return NAK;
    this.#countOnce();
    return data(this.#readable().slice(start * PAGE_BYTES, (end + 1) * PAGE_BYTES));
  }

  #write(page: number, bytes: Uint8Array): NativeAnswer {
    if (page < STATIC_LOCK_PAGE || page >= this.#layout.pages || this.#isProtected(page)) return NAK;
    if (isLocked(this.#model, this.#memory, page)) return NAK;
    const isConfiguration = page === this.#layout.dynamicLockPage + 1 || page === this.#layout.dynamicLockPage + 2;
    if (isConfiguration && (this.#access & CONFIGURATION_LOCKED) !== 0) return NAK;
    if (this.#departure !== undefined && this.#departure.left-- <= 0) return this.#depart(page, bytes);
    this.#memory.set(merged(this.#model, this.#memory, page, bytes), page * PAGE_BYTES);
    return ACK;
  }

  /** Only the lock pages and the capability container are protected against a torn write. */
  #depart(page: number, bytes: Uint8Array): NativeAnswer {
    const isProtected = [STATIC_LOCK_PAGE, CC_PAGE, this.#layout.dynamicLockPage].includes(page);
    if (this.#departure?.how === 'torn' && !isProtected) {
      const arrived = this.#departure.bytes;
      this.#memory.set(
        bytes.map((byte, at) => (at < arrived ? byte : 0)),
        page * PAGE_BYTES,
      );
    }
    this.#departure = undefined;
    this.#inField = false;
    return GONE;
  }

  #authenticate(password: Uint8Array): NativeAnswer {
    const limit = this.#access & AUTHENTICATION_LIMIT;
    if (limit > 0 && this.#failedTries >= limit) return NAK;
    const at = (this.#layout.dynamicLockPage + 3) * PAGE_BYTES;
    if (!Buffer.from(password).equals(this.#memory.subarray(at, at + PAGE_BYTES))) {
      this.#failedTries += 1;
      return NAK;
    }
    this.#failedTries = 0;
    this.#authenticated = true;
    return data(this.#memory.slice(at + PAGE_BYTES, at + PAGE_BYTES + 2));
  }

  #readCounter(): NativeAnswer {
    if ((this.#access & COUNTER_ON) === 0) return NAK;
    if ((this.#access & COUNTER_PROTECTED) !== 0 && !this.#authenticated) return NAK;
    return data([this.#count & 0xff, (this.#count >> 8) & 0xff, this.#count >> 16]);
  }

  #countOnce(): void {
    if (this.#counted || (this.#access & COUNTER_ON) === 0) return;
    this.#counted = true;
    this.#count = Math.min(MAX_COUNT, this.#count + 1);
  }

  #isProtected(page: number): boolean {
    return !this.#authenticated && page >= this.#configuration(3);
  }

  /** The first page that cannot be read. */
  #readableEnd(): number {
    const { pages } = this.#layout;
    const hidesPages = (this.#access & PROTECTS_READS) !== 0 && !this.#authenticated;
    return hidesPages ? Math.min(pages, this.#configuration(3)) : pages;
  }

  /** Password and PACK read as zeros; UID and counter stand where the configuration mirrors them to. */
  #readable(): Uint8Array {
    const readable = Uint8Array.from(this.#memory).fill(0, (this.#layout.dynamicLockPage + 3) * PAGE_BYTES);
    const mirror = this.#configuration(0);
    const page = this.#configuration(2);
    const text = [
      ...((mirror & MIRRORS_UID) === 0 ? [] : [Buffer.from(this.uid).toString('hex').toUpperCase()]),
      ...((mirror & MIRRORS_COUNTER) === 0 ? [] : [this.#count.toString(16).toUpperCase().padStart(6, '0')]),
    ].join('x');
    const end = this.#layout.dynamicLockPage * PAGE_BYTES;
    const at = page * PAGE_BYTES + ((mirror >> 4) & 3);
    if (page >= FIRST_USER_PAGE && at + text.length <= end) readable.set(Buffer.from(text), at);
    return readable;
  }

  get #layout(): (typeof NTAG21X)[Ntag21xModel] {
    return NTAG21X[this.#model];
  }

  /** A byte of CFG0: MIRROR, reserved, MIRROR_PAGE, AUTH0; the next is CFG1's ACCESS. */
  #configuration(index: number): number {
    return this.#memory[(this.#layout.dynamicLockPage + 1) * PAGE_BYTES + index] ?? 0;
  }

  get #access(): number {
    return this.#configuration(4);
  }
}

function data(bytes: Iterable<number>): NativeAnswer {
  return { kind: 'data', bytes: Uint8Array.from(bytes) };
}
