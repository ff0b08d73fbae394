import { HardwareError, type HardwareErrorCode } from '../errors.js';
import type { NfcReader } from '../ports.js';

/** Bytes of one page of an NTAG21x. */
export const PAGE_BYTES = 4;

// PC/SC part 3, section 3.2.2: the APDUs that the reader itself answers for a storage card.
const GET_UID = [0xff, 0xca, 0x00, 0x00, 0x00] as const;
const READ_BINARY = [0xff, 0xb0, 0x00] as const;
const UPDATE_BINARY = [0xff, 0xd6, 0x00] as const;
const SUCCESS = 0x9000;
/** What a reader says of a command that this kind of card has not: a smart card has no pages. */
const NOT_SUPPORTED = [0x6a81, 0x6d00, 0x6e00];
/** The most that FF B0 gives at once: what one READ of the tag gives. */
const MAX_READ_BYTES = 16;

/** The pages of whatever tag lies on a reader, one APDU at a time and in order. */
export class PcscTag {
  readonly #reader: NfcReader;

  constructor(reader: NfcReader) {
    this.#reader = reader;
  }

  /** @throws HardwareError `nfc.no-tag`, `nfc.unsupported-tag`, `nfc.read-failed` */
  async uid(signal?: AbortSignal): Promise<Uint8Array> {
    if ((await this.#reader.atr()) === undefined) throw noTag();
    return await this.#ask(GET_UID, 'nfc.read-failed', signal);
  }

  /**
   * Reads so many bytes from a page on.
   * @throws HardwareError `nfc.no-tag`, `nfc.read-failed`
   */
  async read(firstPage: number, length: number, signal?: AbortSignal): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (let done = 0; done < length; done += MAX_READ_BYTES) {
      const want = Math.min(MAX_READ_BYTES, length - done);
      const page = firstPage + done / PAGE_BYTES;
      const part = await this.#ask([...READ_BINARY, page, want], 'nfc.read-failed', signal);
      if (part.length !== want) {
        throw new HardwareError('nfc.read-failed', `page ${page} gave ${part.length} bytes instead of ${want}`);
      }
      parts.push(part);
    }
    return Uint8Array.from(Buffer.concat(parts));
  }

  /**
   * Writes one page. Some readers report a failure although the tag took the bytes (nfc-pcsc issue 139): a refusal
   * counts only if the page does not read back as written.
   * @throws HardwareError `nfc.no-tag`, `nfc.write-failed`
   */
  async writePage(page: number, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    try {
      await this.#ask([...UPDATE_BINARY, page, PAGE_BYTES, ...bytes], 'nfc.write-failed', signal);
    } catch (refusal) {
      if (!(refusal instanceof HardwareError) || refusal.code !== 'nfc.write-failed') throw refusal;
      if (!(await this.#holds(page, bytes, signal))) throw refusal;
    }
  }

  async #holds(page: number, bytes: Uint8Array, signal?: AbortSignal): Promise<boolean> {
    try {
      return Buffer.from(bytes).equals(await this.read(page, PAGE_BYTES, signal));
    } catch (error) {
      if (error instanceof HardwareError && error.code === 'nfc.read-failed') return false;
      throw error;
    }
  }

  async #ask(apdu: readonly number[], refusal: HardwareErrorCode, signal?: AbortSignal): Promise<Uint8Array> {
    signal?.throwIfAborted();
    const answer = await this.#reader.transmit(Uint8Array.from(apdu), signal);
    // A tag that is lifted during a transfer leaves an answer without even a status word.
    if (answer.length < 2) throw noTag();
    const status = Buffer.from(answer).readUInt16BE(answer.length - 2);
    if (status === SUCCESS) return answer.slice(0, -2);
    const command = Buffer.from(apdu.slice(0, 5)).toString('hex');
    const code = NOT_SUPPORTED.includes(status) ? 'nfc.unsupported-tag' : refusal;
    throw new HardwareError(code, `${command} was answered by status ${status.toString(16)}`);
  }
}

function noTag(): HardwareError {
  return new HardwareError('nfc.no-tag', 'no tag lies on the reader');
}
