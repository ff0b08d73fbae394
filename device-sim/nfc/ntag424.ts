import { createCipheriv } from 'node:crypto';
import { encodeNdef } from '../../hardware/index.js';
import { sunMac } from '../../provisioning/index.js';
import { SimError } from '../errors.js';
import type { FileTag } from './sim-tag.js';

const OK = [0x90, 0x00] as const;
const WRONG_LENGTH = [0x67, 0x00] as const;
const NOT_ALLOWED = [0x69, 0x82] as const;
const NO_FILE_SELECTED = [0x69, 0x86] as const;
const NO_SUCH_FILE = [0x6a, 0x82] as const;
const OUTSIDE = [0x6b, 0x00] as const;
const UNKNOWN = [0x6d, 0x00] as const;

// NXP NTAG 424 DNA data sheet: the application and its files, the capability container as it leaves the factory.
const APPLICATION = 'd2760000850101';
const CC_FILE = 'e103';
const NDEF_FILE = 'e104';
const CONTAINER = Buffer.from('001720010000ff0406e104010000000506e10500808283', 'hex');
const NDEF_FILE_BYTES = 256;
const HAS_UID_AND_COUNTER = 0xc7;
const MAX_COUNT = 0xff_ffff;

/**
 * An NTAG 424 DNA that was personalised: its link ends in UID and counter, encrypted, and their MAC, both new at each read.
 * Source: NXP AN12196. The commands that need a key (personalising, writing) are refused.
 */
export class Ntag424 implements FileTag {
  readonly kind = 'files';
  readonly uid: Uint8Array;
  readonly #link: string;
  readonly #keys: { metaKey: Uint8Array; fileKey: Uint8Array };
  readonly #random: () => number;
  #inField = true;
  #count = 0;
  #selected: string | undefined;
  /** The file as this session sees it. */
  #ndef: Uint8Array | undefined;

  /** @throws SimError `nfc.bad-uid` */
  constructor(made: {
    uid: Uint8Array;
    /** What `picc_data` and `cmac` are put behind, at most 150 bytes. */
    link: string;
    metaKey: Uint8Array;
    fileKey: Uint8Array;
    /** 0 to 1: what fills the block that is encrypted. */
    random: () => number;
  }) {
    if (made.uid.length !== 7) throw new SimError('nfc.bad-uid', `a UID of ${made.uid.length} bytes, not seven`);
    this.uid = Uint8Array.from(made.uid);
    this.#link = made.link;
    this.#keys = made;
    this.#random = made.random;
  }

  get inField(): boolean {
    return this.#inField;
  }

  /** How often it was read. */
  get count(): number {
    return this.#count;
  }

  return(): void {
    this.#inField = true;
    this.powerCycle();
  }

  /** Takes the tag out of the field. */
  leave(): void {
    this.#inField = false;
  }

  powerCycle(): void {
    this.#selected = undefined;
    this.#ndef = undefined;
  }

  apdu(command: Uint8Array): Uint8Array {
    return this.#inField ? Uint8Array.from(this.#answer(Buffer.from(command))) : Uint8Array.of();
  }

  #answer(command: Buffer): readonly number[] {
    if (command.length < 5) return WRONG_LENGTH;
    const [cla, ins, high = 0, low = 0, length = 0] = command;
    if (cla !== 0x00) return UNKNOWN;
    if (ins === 0xa4) return this.#select(command.toString('hex', 5, 5 + length));
    if (ins === 0xb0) return this.#read((high << 8) | low, length);
    return ins === 0xd6 ? NOT_ALLOWED : UNKNOWN;
  }

  #select(name: string): readonly number[] {
    if (![APPLICATION, CC_FILE, NDEF_FILE].includes(name)) return NO_SUCH_FILE;
    if (name === APPLICATION) this.powerCycle();
    this.#selected = name;
    return OK;
  }

  #read(at: number, length: number): readonly number[] {
    if (this.#selected !== CC_FILE && this.#selected !== NDEF_FILE) return NO_FILE_SELECTED;
    const file = this.#selected === CC_FILE ? CONTAINER : this.#ndefFile();
    if (at >= file.length) return OUTSIDE;
    // A length of 0 asks for all that a short answer can hold.
    return [...file.subarray(at, at + (length || 256)), ...OK];
  }

  /** It counts once in a session, at the first read of the file. */
  #ndefFile(): Uint8Array {
    if (this.#ndef !== undefined) return this.#ndef;
    this.#count = Math.min(MAX_COUNT, this.#count + 1);
    const counter = Uint8Array.of(this.#count & 0xff, (this.#count >> 8) & 0xff, this.#count >> 16);
    const padding = Uint8Array.from({ length: 5 }, () => this.#random() * 0x100);
    const plain = Buffer.concat([Uint8Array.of(HAS_UID_AND_COUNTER), this.uid, counter, padding]);
    const cipher = createCipheriv('aes-128-cbc', this.#keys.metaKey, new Uint8Array(16)).setAutoPadding(false);
    const piccData = cipher.update(plain).toString('hex').toUpperCase();
    const cmac = Buffer.from(sunMac(this.#keys.fileKey, this.uid, counter))
      .toString('hex')
      .toUpperCase();
    const message = encodeNdef([{ kind: 'uri', uri: `${this.#link}?picc_data=${piccData}&cmac=${cmac}` }]);
    this.#ndef = new Uint8Array(NDEF_FILE_BYTES);
    this.#ndef.set([message.length >> 8, message.length & 0xff, ...message]);
    return this.#ndef;
  }
}
