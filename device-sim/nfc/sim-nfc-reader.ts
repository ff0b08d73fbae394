import type { NfcReader } from '../../hardware/index.js';
import type { NativeAnswer, Ntag213 } from './ntag213.js';

/** How a reader misbehaves. */
export interface ReaderFaults {
  /** After one refusal everything fails until the tag is put down again, as on the ACR122U (nfc-pcsc issue 37). */
  stickyNak: boolean;
  /** A write reports failure although the tag took it (nfc-pcsc issue 139). */
  deniesWrites: boolean;
}

/** The ATR of an ISO 14443-3 storage card. Source: PC/SC part 3, section 3.1.3.2.3. */
const STORAGE_CARD_ATR = Uint8Array.from(Buffer.from('3b8f8001804f0ca0000003060300030000000068', 'hex'));

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

/** A PC/SC reader with room for one tag, which answers the APDUs of a storage card and the direct transmit of an ACR122U. */
export class SimNfcReader implements NfcReader {
  readonly faults: ReaderFaults = { stickyNak: false, deniesWrites: false };
  #tag: Ntag213 | undefined;
  #stuck = false;

  /** Puts a tag down, in place of the one that lay there. */
  place(tag: Ntag213): void {
    tag.return();
    this.#tag = tag;
    this.#stuck = false;
  }

  remove(): void {
    this.#tag = undefined;
  }

  async atr(): Promise<Uint8Array | undefined> {
    return this.#present() === undefined ? undefined : Uint8Array.from(STORAGE_CARD_ATR);
  }

  async transmit(apdu: Uint8Array, signal?: AbortSignal): Promise<Uint8Array> {
    signal?.throwIfAborted();
    const tag = this.#present();
    if (tag === undefined) return Uint8Array.of();
    const answer = this.#stuck ? FAILED : this.#answer(apdu, tag);
    if (answer.length === 2 && answer[0] === FAILED[0]) this.#stuck = this.faults.stickyNak;
    return Uint8Array.from(answer);
  }

  #answer(apdu: Uint8Array, tag: Ntag213): readonly number[] {
    const [cla, ins, p1 = 0, p2 = 0, length = 0] = apdu;
    if (cla !== 0xff) return UNSUPPORTED;
    if (apdu.length < 5) return WRONG_LENGTH;
    if (ins === 0xca) return p1 === 0 && p2 === 0 ? [...tag.uid, ...OK] : UNSUPPORTED;
    if (ins === 0xb0 && p1 === 0) return this.#readBinary(tag, p2, length);
    if (ins === 0xd6 && p1 === 0) return this.#updateBinary(tag, p2, apdu);
    if (ins === 0x00 && p1 === 0 && p2 === 0) return this.#direct(tag, apdu);
    return UNSUPPORTED;
  }

  #readBinary(tag: Ntag213, page: number, length: number): readonly number[] {
    if (length === 0 || length > MAX_READ_BYTES) return WRONG_LENGTH;
    const answer = tag.command(Uint8Array.of(0x30, page));
    if (answer.kind === 'gone') return [];
    return answer.kind === 'data' ? [...answer.bytes.slice(0, length), ...OK] : FAILED;
  }

  #updateBinary(tag: Ntag213, page: number, apdu: Uint8Array): readonly number[] {
    if (apdu[4] !== PAGE_BYTES || apdu.length !== 5 + PAGE_BYTES) return WRONG_LENGTH;
    const answer = tag.command(Uint8Array.of(0xa2, page, ...apdu.slice(5)));
    if (answer.kind === 'gone') return [];
    return answer.kind === 'ack' && !this.faults.deniesWrites ? OK : FAILED;
  }

  /** The status word says that the PN532 was asked, not that the tag agreed. */
  #direct(tag: Ntag213, apdu: Uint8Array): readonly number[] {
    const [, , , , length, ...data] = apdu;
    if (length !== data.length || length < 3) return WRONG_LENGTH;
    if (data[0] !== IN_COMMUNICATE_THRU[0] || data[1] !== IN_COMMUNICATE_THRU[1]) return UNSUPPORTED;
    return [...throughPn532(tag.command(Uint8Array.from(data.slice(2)))), ...OK];
  }

  #present(): Ntag213 | undefined {
    return this.#tag?.inField === true ? this.#tag : undefined;
  }
}

function throughPn532(answer: NativeAnswer): readonly number[] {
  if (answer.kind === 'data') return [...PN532_OK, ...answer.bytes];
  return answer.kind === 'ack' ? PN532_OK : PN532_TIMEOUT;
}
