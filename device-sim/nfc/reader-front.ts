import type { NativeAnswer, PageTag, SimTag } from './sim-tag.js';

/** How a reader misbehaves. */
export interface ReaderFaults {
  /** After one refusal everything fails until the tag is powered anew, as on the ACR122U (nfc-pcsc issue 37). */
  stickyNak: boolean;
  /** A write reports failure although the tag took it (nfc-pcsc issue 139). */
  deniesWrites: boolean;
  /** What it answers in place of the tag, where it answers at all. */
  says: (apdu: Uint8Array) => Uint8Array | undefined;
}

/** The ATR of an ISO 14443-3 storage card. Source: PC/SC part 3, section 3.1.3.2.3. */
const STORAGE_CARD_ATR = Uint8Array.from(Buffer.from('3b8f8001804f0ca0000003060300030000000068', 'hex'));
/** The ATR of a contactless card with one historical byte, 80. Source: PC/SC part 3, section 3.1.3.2.3. */
const SMART_CARD_ATR = Uint8Array.from(Buffer.from('3b8180018080', 'hex'));

const OK = [0x90, 0x00] as const;
const FAILED = [0x63, 0x00] as const;
const WRONG_LENGTH = [0x67, 0x00] as const;
const UNSUPPORTED = [0x6a, 0x81] as const;
const MAX_READ_BYTES = 16;
const PAGE_BYTES = 4;
// PN532 user manual: InCommunicateThru, its answer, and the status of a tag that did not answer with data or ACK.
const IN_COMMUNICATE_THRU = [0xd4, 0x42] as const;
const PN532_OK = [0xd5, 0x43, 0x00] as const;
const PN532_TIMEOUT = [0xd5, 0x43, 0x01] as const;

/**
 * What a PC/SC reader makes of the tag that lies on it: the APDUs of a storage card, the direct transmit of an ACR122U,
 * and a smart card's own APDUs.
 */
export class ReaderFront {
  readonly faults: ReaderFaults = { stickyNak: false, deniesWrites: false, says: () => undefined };
  #tag: SimTag | undefined;
  #laid = 0;
  #stuck = false;

  /** How many tags have been laid on it. */
  get laid(): number {
    return this.#laid;
  }

  /** Puts a tag down, in place of the one that lay there. */
  place(tag: SimTag): void {
    tag.return();
    this.#tag = tag;
    this.#laid += 1;
    this.#stuck = false;
  }

  remove(): void {
    this.#tag = undefined;
  }

  /** Takes the field away from the tag that lies there, and gives it back. */
  power(): void {
    this.#tag?.powerCycle();
    this.#stuck = false;
  }

  /** Undefined where no tag lies, or none any more. */
  atr(): Uint8Array | undefined {
    const tag = this.#present();
    return tag && Uint8Array.from(tag.kind === 'pages' ? STORAGE_CARD_ATR : SMART_CARD_ATR);
  }

  /** Empty where no tag lies, or none any more. */
  transmit(apdu: Uint8Array): Uint8Array {
    const tag = this.#present();
    if (tag === undefined) return Uint8Array.of();
    const said = this.faults.says(apdu);
    if (said !== undefined) return said;
    const answer = this.#stuck ? FAILED : this.#answer(apdu, tag);
    if (answer.length === 2 && answer[0] === FAILED[0]) this.#stuck = this.faults.stickyNak;
    return Uint8Array.from(answer);
  }

  #answer(apdu: Uint8Array, tag: SimTag): ArrayLike<number> {
    const [cla, ins, p1 = 0, p2 = 0] = apdu;
    if (cla !== 0xff) return tag.kind === 'files' ? tag.apdu(apdu) : UNSUPPORTED;
    if (apdu.length < 5) return WRONG_LENGTH;
    if (ins === 0xca) return p1 === 0 && p2 === 0 ? [...tag.uid, ...OK] : UNSUPPORTED;
    return tag.kind === 'pages' ? this.#pages(apdu, tag) : UNSUPPORTED;
  }

  #pages(apdu: Uint8Array, tag: PageTag): readonly number[] {
    const [, ins, p1 = 0, p2 = 0, length = 0] = apdu;
    if (ins === 0xb0 && p1 === 0) return readBinary(tag, p2, length);
    if (ins === 0xd6 && p1 === 0) return this.#updateBinary(tag, p2, apdu);
    if (ins === 0x00 && p1 === 0 && p2 === 0) return direct(tag, apdu);
    return UNSUPPORTED;
  }

  #updateBinary(tag: PageTag, page: number, apdu: Uint8Array): readonly number[] {
    if (apdu[4] !== PAGE_BYTES || apdu.length !== 5 + PAGE_BYTES) return WRONG_LENGTH;
    const answer = tag.command(Uint8Array.of(0xa2, page, ...apdu.slice(5)));
    if (answer.kind === 'gone') return [];
    return answer.kind === 'ack' && !this.faults.deniesWrites ? OK : FAILED;
  }

  #present(): SimTag | undefined {
    return this.#tag?.inField === true ? this.#tag : undefined;
  }
}

function readBinary(tag: PageTag, page: number, length: number): readonly number[] {
  if (length === 0 || length > MAX_READ_BYTES) return WRONG_LENGTH;
  const answer = tag.command(Uint8Array.of(0x30, page));
  if (answer.kind === 'gone') return [];
  return answer.kind === 'data' ? [...answer.bytes.slice(0, length), ...OK] : FAILED;
}

/** The status word says that the PN532 was asked, not that the tag agreed. */
function direct(tag: PageTag, apdu: Uint8Array): readonly number[] {
  const [, , , , length, ...data] = apdu;
  if (length !== data.length || length < 3) return WRONG_LENGTH;
  if (data[0] !== IN_COMMUNICATE_THRU[0] || data[1] !== IN_COMMUNICATE_THRU[1]) return UNSUPPORTED;
  return [...throughPn532(tag.command(Uint8Array.from(data.slice(2)))), ...OK];
}

function throughPn532(answer: NativeAnswer): readonly number[] {
  if (answer.kind === 'data') return [...PN532_OK, ...answer.bytes];
  return answer.kind === 'ack' ? PN532_OK : PN532_TIMEOUT;
}
