import { SimError } from '../errors.js';

/** What the chip answers to a native command: bytes, the 4-bit ACK, the 4-bit NAK, or nothing since it has left the field. */
export type NativeAnswer = { kind: 'data'; bytes: Uint8Array } | { kind: 'ack' } | { kind: 'nak' } | { kind: 'gone' };

/** How a tag leaves the field: `torn` in the middle of a write, `lifted` just before one. */
export interface Departure {
  readonly how: 'torn' | 'lifted';
  /** How many writes still succeed. */
  readonly afterWrites: number;
}

// Source: NXP NTAG213/215/216 data sheet, memory organization and command overview.
const PAGES = 0x2d;
const PAGE_BYTES = 4;
const STATIC_LOCK_PAGE = 0x02;
const CC_PAGE = 0x03;
const FIRST_DYNAMIC_PAGE = 0x10;
const DYNAMIC_LOCK_PAGE = 0x28;
const CFG0_PAGE = 0x29;
const PWD_PAGE = 0x2b;
const READ_BYTES = 16;
const CASCADE_TAG = 0x88;
const NXP = 0x04;
const VERSION = [0x00, 0x04, 0x04, 0x02, 0x01, 0x00, 0x0f, 0x03] as const;
const FACTORY_USER_AREA = [0x01, 0x03, 0xa0, 0x0c, 0x34, 0x03, 0x00, 0xfe] as const;

const NAK: NativeAnswer = { kind: 'nak' };
const ACK: NativeAnswer = { kind: 'ack' };
const GONE: NativeAnswer = { kind: 'gone' };

/**
 * An NTAG213 by its pages and native commands. Password, counter and originality signature are not modelled: their commands
 * get a NAK, and AUTH0 protects nothing.
 */
export class Ntag213 {
  readonly uid: Uint8Array;
  readonly #memory = new Uint8Array(PAGES * PAGE_BYTES);
  #departure: { how: Departure['how']; left: number } | undefined;
  #inField = true;

  /** @throws SimError `nfc.bad-uid` */
  constructor({ uid }: { uid: Uint8Array }) {
    if (uid.length !== 7 || uid[0] !== NXP) {
      throw new SimError('nfc.bad-uid', `UID ${Buffer.from(uid).toString('hex')}: not seven bytes that begin with 04`);
    }
    this.uid = Uint8Array.from(uid);
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0] = uid;
    this.#memory.set([a, b, c, CASCADE_TAG ^ a ^ b ^ c, d, e, f, g, d ^ e ^ f ^ g, 0x48, 0x00, 0x00]);
    this.#memory.set([0xe1, 0x10, 0x12, 0x00, ...FACTORY_USER_AREA], CC_PAGE * PAGE_BYTES);
    this.#memory.set([0x00, 0x00, 0x00, 0xbd], DYNAMIC_LOCK_PAGE * PAGE_BYTES);
    this.#memory.set([0x04, 0x00, 0x00, 0xff, 0x00, 0x05, 0x00, 0x00], CFG0_PAGE * PAGE_BYTES);
  }

  /** Whether the field still reaches the tag. */
  get inField(): boolean {
    return this.#inField;
  }

  /** Puts the tag into the field again after a departure. */
  return(): void {
    this.#inField = true;
    this.#departure = undefined;
  }

  /** Lets the tag leave the field during a later write. */
  departLater({ how, afterWrites }: Departure): void {
    this.#departure = { how, left: afterWrites };
  }

  /** The memory as it is, with the password pages: for the eye of a test. */
  dump(): Uint8Array {
    return Uint8Array.from(this.#memory);
  }

  /** Sets bytes of the user area past all locks, as a damaged tag may hold anything. */
  damage(bytes: Uint8Array): void {
    this.#memory.set(bytes.slice(0, 144), 4 * PAGE_BYTES);
  }

  /** Answers one native command. */
  command(frame: Uint8Array): NativeAnswer {
    if (!this.#inField) return GONE;
    const [code, first = 0, second = 0] = frame;
    if (code === 0x30 && frame.length === 2) return this.#read(first);
    if (code === 0x3a && frame.length === 3) return this.#fastRead(first, second);
    if (code === 0xa2 && frame.length === 6) return this.#write(first, frame.slice(2));
    if (code === 0x60 && frame.length === 1) return { kind: 'data', bytes: Uint8Array.from(VERSION) };
    return NAK;
  }

  #read(page: number): NativeAnswer {
    if (page >= PAGES) return NAK;
    const readable = this.#readable();
    const bytes = Uint8Array.from(
      { length: READ_BYTES },
      (_, index) => readable[(page * PAGE_BYTES + index) % readable.length] ?? 0,
    );
    return { kind: 'data', bytes };
  }

  #fastRead(start: number, end: number): NativeAnswer {
    if (start > end || end >= PAGES) return NAK;
    return { kind: 'data', bytes: this.#readable().slice(start * PAGE_BYTES, (end + 1) * PAGE_BYTES) };
  }

  #write(page: number, bytes: Uint8Array): NativeAnswer {
    if (page < STATIC_LOCK_PAGE || page >= PAGES || this.#isLocked(page)) return NAK;
    if (this.#departure !== undefined && this.#departure.left-- <= 0) return this.#depart(page, bytes);
    this.#memory.set(this.#merged(page, bytes), page * PAGE_BYTES);
    return ACK;
  }

  /** Only the lock pages and the capability container are protected against a torn write. */
  #depart(page: number, bytes: Uint8Array): NativeAnswer {
    const isProtected = page === STATIC_LOCK_PAGE || page === CC_PAGE || page === DYNAMIC_LOCK_PAGE;
    if (this.#departure?.how === 'torn' && !isProtected) {
      this.#memory.set([...bytes.slice(0, 2), 0, 0], page * PAGE_BYTES);
    }
    this.#departure = undefined;
    this.#inField = false;
    return GONE;
  }

  #merged(page: number, bytes: Uint8Array): Uint8Array {
    const held = this.#memory.slice(page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
    const frozen = this.#frozenLockBits(page);
    return bytes.map((byte, index) => {
      const old = held[index] ?? 0;
      const added = byte & ~(frozen[index] ?? 0);
      if (page === STATIC_LOCK_PAGE) return index < 2 ? old : old | added;
      if (page === DYNAMIC_LOCK_PAGE) return index > 2 ? old : old | added;
      return page === CC_PAGE ? old | byte : byte;
    });
  }

  /** The lock bits that a set block-lock bit keeps from being set, per byte of the lock page. */
  #frozenLockBits(page: number): readonly number[] {
    if (page === STATIC_LOCK_PAGE) {
      const blocks = this.#byte(STATIC_LOCK_PAGE, 2);
      const low = ((blocks & 1) * 0x08) | ((blocks & 2) === 0 ? 0 : 0xf0);
      const high = ((blocks & 2) === 0 ? 0 : 0x03) | ((blocks & 4) === 0 ? 0 : 0xfc);
      return [0, 0, low, high];
    }
    if (page === DYNAMIC_LOCK_PAGE) {
      const blocks = this.#byte(DYNAMIC_LOCK_PAGE, 2);
      let frozen = 0;
      for (let bit = 0; bit < 6; bit += 1) if ((blocks & (1 << bit)) !== 0) frozen |= 0b11 << (2 * bit);
      return [frozen & 0xff, frozen >> 8, 0, 0];
    }
    return [];
  }

  #isLocked(page: number): boolean {
    if (page < CC_PAGE || page >= CFG0_PAGE || page === DYNAMIC_LOCK_PAGE) return false;
    if (page < FIRST_DYNAMIC_PAGE) {
      const bits = this.#byte(STATIC_LOCK_PAGE, 2) | (this.#byte(STATIC_LOCK_PAGE, 3) << 8);
      return (bits & (1 << page)) !== 0;
    }
    const bits = this.#byte(DYNAMIC_LOCK_PAGE, 0) | (this.#byte(DYNAMIC_LOCK_PAGE, 1) << 8);
    return (bits & (1 << ((page - FIRST_DYNAMIC_PAGE) >> 1))) !== 0;
  }

  /** Password and PACK read as zeros. */
  #readable(): Uint8Array {
    return Uint8Array.from(this.#memory).fill(0, PWD_PAGE * PAGE_BYTES);
  }

  #byte(page: number, index: number): number {
    return this.#memory[page * PAGE_BYTES + index] ?? 0;
  }
}
