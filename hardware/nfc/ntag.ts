import { HardwareError } from '../errors.js';
import type { NfcReader } from '../ports.js';
import { decodeNdef, encodeNdef, type NdefRecord } from './ndef.js';
import { PAGE_BYTES, PcscTag } from './pcsc-tag.js';
import { layOut, ndefIn } from './tlv.js';

export type NtagModel = keyof typeof MODELS;

/** What an NTAG21x says about itself. */
export interface NtagInfo {
  readonly model: NtagModel;
  /** The 7-byte UID as 14 lower-case hex digits. Anybody can clone it: a name, not a secret. */
  readonly uid: string;
  /** Room for TLV blocks, in bytes: the size in the capability container. */
  readonly userBytes: number;
  /** Whether the capability container says read only. */
  readonly locked: boolean;
}

/**
 * What differs between the chips. The lock bytes set every lock bit and every block-lock bit and leave the reserved bits.
 * Source: NXP NTAG213/215/216 data sheet, memory organization: static lock bytes, dynamic lock bytes, capability container.
 */
const MODELS = {
  ntag213: { ccSize: 0x12, dynamicLockPage: 0x28, lockBytes: [0xff, 0x0f, 0x3f] },
  ntag215: { ccSize: 0x3e, dynamicLockPage: 0x82, lockBytes: [0xff, 0x00, 0x0f] },
  ntag216: { ccSize: 0x6d, dynamicLockPage: 0xe2, lockBytes: [0xff, 0x3f, 0x7f] },
} as const;

const MODEL_NAMES = ['ntag213', 'ntag215', 'ntag216'] as const;
const UID_BYTES = 7;
const STATIC_LOCK_PAGE = 2;
const CC_PAGE = 3;
const FIRST_USER_PAGE = 4;
const CC_MAGIC = 0xe1;
const CC_MAJOR_VERSION = 1;
const CC_READ_ONLY = 0x0f;
const CC_BYTES_PER_SIZE = 8;
const TERMINATOR = 0xfe;

/**
 * An NTAG213, 215 or 216 on a PC/SC reader: whichever lies there, or only the one with this UID (14 lower-case hex digits),
 * in whose place another is no tag. One call at a time.
 */
export class Ntag {
  readonly #tag: PcscTag;
  readonly #meant: string | undefined;

  constructor({ reader, uid }: { reader: NfcReader; uid?: string | undefined }) {
    this.#tag = new PcscTag(reader);
    this.#meant = uid;
  }

  /**
   * Asks the tag what it is.
   * @throws HardwareError `nfc.no-tag`, `nfc.unsupported-tag`, `nfc.read-failed`
   */
  async info(signal?: AbortSignal): Promise<NtagInfo> {
    const uidBytes = await this.#tag.uid(signal);
    const uid = Buffer.from(uidBytes).toString('hex');
    if (this.#meant !== undefined && uid !== this.#meant) {
      throw new HardwareError('nfc.no-tag', `the tag ${this.#meant} is gone, and ${uid} lies on the reader`);
    }
    if (uidBytes.length !== UID_BYTES) throw unsupported(`a UID of ${uidBytes.length} bytes`);
    const cc = await this.#tag.read(CC_PAGE, PAGE_BYTES, signal);
    const [magic = 0, version = 0, size = 0, access = 0] = cc;
    const model = MODEL_NAMES.find((name) => MODELS[name].ccSize === size);
    if (magic !== CC_MAGIC || version >> 4 !== CC_MAJOR_VERSION || model === undefined) {
      throw unsupported(`the capability container ${Buffer.from(cc).toString('hex')}`);
    }
    const userBytes = size * CC_BYTES_PER_SIZE;
    return { model, uid, userBytes, locked: (access & 0x0f) !== 0 };
  }

  /**
   * All bytes of the user area.
   * @throws HardwareError as {@link info}
   */
  async readUser(signal?: AbortSignal): Promise<Uint8Array> {
    const { userBytes } = await this.info(signal);
    return await this.#tag.read(FIRST_USER_PAGE, userBytes, signal);
  }

  /**
   * The records of the message on the tag; none if the tag is blank.
   * @throws HardwareError as {@link info}, `ndef.malformed`, `ndef.too-long`, `ndef.unsupported`
   */
  async readNdef(signal?: AbortSignal): Promise<NdefRecord[]> {
    const message = ndefIn(await this.readUser(signal));
    return message === undefined ? [] : decodeNdef(message);
  }

  /**
   * Replaces the message and reads it back. The length is 0 until everything else is written, so that a tag that is lifted
   * too early holds an empty message and not half of one.
   * @throws HardwareError as {@link info}, `nfc.tag-locked`, `nfc.tag-full`, `nfc.write-failed`, `nfc.verify-failed`,
   *   `ndef.bad-record`, `ndef.too-long`
   */
  async writeNdef(records: readonly NdefRecord[], signal?: AbortSignal): Promise<void> {
    const message = encodeNdef(records);
    const { locked, uid, userBytes } = await this.info(signal);
    if (locked) throw new HardwareError('nfc.tag-locked', `the tag ${uid} is write-protected`);
    const area = layOut(message, await this.#tag.read(FIRST_USER_PAGE, userBytes, signal));
    const pages = pagesOf(area.bytes);
    const lengthPage = Math.floor(area.lengthAt / PAGE_BYTES);
    const last = pages[lengthPage] ?? Uint8Array.of();
    await this.#tag.writePage(FIRST_USER_PAGE + lengthPage, emptied(last, area.lengthAt % PAGE_BYTES), signal);
    for (const [index, page] of pages.entries()) {
      if (index !== lengthPage) await this.#tag.writePage(FIRST_USER_PAGE + index, page, signal);
    }
    await this.#tag.writePage(FIRST_USER_PAGE + lengthPage, last, signal);
    await this.#requireHeld(FIRST_USER_PAGE, Uint8Array.from(Buffer.concat(pages)), signal);
  }

  /**
   * Write-protects the tag for ever: capability container, dynamic lock page, static lock bytes. All three are OR-only,
   * so that an interrupted lock is finished by calling again.
   * @throws HardwareError as {@link info}, `nfc.write-failed`, `nfc.verify-failed`
   */
  async lock(signal?: AbortSignal): Promise<void> {
    const { model } = await this.info(signal);
    const { dynamicLockPage, lockBytes } = MODELS[model];
    const statics = await this.#tag.read(STATIC_LOCK_PAGE, PAGE_BYTES, signal);
    const fullyStatic = statics.map((byte, index) => (index < 2 ? byte : 0xff));
    const cc = await this.#tag.read(CC_PAGE, PAGE_BYTES, signal);
    const readOnly = cc.map((byte, index) => (index === 3 ? byte | CC_READ_ONLY : byte));
    if (!sameBytes(cc, readOnly)) await this.#tag.writePage(CC_PAGE, readOnly, signal);
    const dynamic = await this.#tag.read(dynamicLockPage, PAGE_BYTES, signal);
    const locked = dynamic.map((byte, index) => byte | (lockBytes[index] ?? 0));
    if (!sameBytes(dynamic, locked)) {
      await this.#tag.writePage(dynamicLockPage, Uint8Array.of(...lockBytes, 0), signal);
    }
    if (!sameBytes(statics, fullyStatic)) await this.#tag.writePage(STATIC_LOCK_PAGE, fullyStatic, signal);
    await this.#requireHeld(CC_PAGE, readOnly, signal);
    await this.#requireHeld(dynamicLockPage, locked, signal);
    await this.#requireHeld(STATIC_LOCK_PAGE, fullyStatic, signal);
  }

  async #requireHeld(firstPage: number, expected: Uint8Array, signal?: AbortSignal): Promise<void> {
    const held = await this.#tag.read(firstPage, expected.length, signal);
    const at = expected.findIndex((byte, index) => held[index] !== byte);
    if (at < 0) return;
    const page = firstPage + Math.floor(at / PAGE_BYTES);
    throw new HardwareError('nfc.verify-failed', `page ${page} does not hold what was written to it`);
  }
}

function pagesOf(bytes: Uint8Array): Uint8Array[] {
  const padded = new Uint8Array(Math.ceil(bytes.length / PAGE_BYTES) * PAGE_BYTES);
  padded.set(bytes);
  return Array.from({ length: padded.length / PAGE_BYTES }, (_, page) =>
    padded.slice(page * PAGE_BYTES, (page + 1) * PAGE_BYTES),
  );
}

/** The page of the length with the length 0 and a terminator behind it, as far as the page goes. */
function emptied(page: Uint8Array, lengthAt: number): Uint8Array {
  return page.map((byte, index) => {
    if (index < lengthAt) return byte;
    return index === lengthAt + 1 ? TERMINATOR : 0;
  });
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.from(one).equals(other);
}

function unsupported(what: string): HardwareError {
  return new HardwareError('nfc.unsupported-tag', `not an NTAG213, 215 or 216 formatted for NDEF: ${what}`);
}
