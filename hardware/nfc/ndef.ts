import { HardwareError } from '../errors.js';
import { URI_PREFIXES } from './uri-prefixes.js';

/** One record of an NDEF message. `other` is kept as it was found. */
export type NdefRecord =
  | { kind: 'external'; type: string; payload: Uint8Array }
  | { kind: 'uri'; uri: string }
  | { kind: 'text'; language: string; text: string }
  | { kind: 'empty' }
  | { kind: 'other'; tnf: number; type: Uint8Array; payload: Uint8Array };

/** The longest message that is read or written, in bytes. */
export const MAX_NDEF_BYTES = 1024;

// NFC Forum NDEF 1.0, section 3.2: the bits of a record's first byte.
const MESSAGE_BEGIN = 0x80;
const MESSAGE_END = 0x40;
const CHUNK = 0x20;
const SHORT = 0x10;
const ID_LENGTH = 0x08;
const TNF_MASK = 0x07;

const TNF_EMPTY = 0;
const TNF_WELL_KNOWN = 1;
const TNF_EXTERNAL = 4;
const TNF_UNCHANGED = 6;

const TEXT_UTF16 = 0x80;
const TEXT_LANGUAGE_LENGTH = 0x3f;
const EXTERNAL_TYPE = /^[a-z0-9.-]+:[a-z0-9.()+,\-=@;$_!*']+$/;

/**
 * Takes an NDEF message apart.
 * @throws HardwareError `ndef.malformed`, `ndef.too-long`, `ndef.unsupported`
 */
export function decodeNdef(message: Uint8Array): NdefRecord[] {
  requireShort(message.length);
  const cursor = new Cursor(message);
  const records: NdefRecord[] = [];
  let ended = false;
  while (!ended) {
    const flags = cursor.byte();
    if (((flags & MESSAGE_BEGIN) !== 0) !== (records.length === 0)) throw malformed('a record in the wrong place');
    if ((flags & CHUNK) !== 0 || (flags & TNF_MASK) === TNF_UNCHANGED) {
      throw new HardwareError('ndef.unsupported', 'the message has a record in chunks');
    }
    records.push(readRecord(cursor, flags));
    ended = (flags & MESSAGE_END) !== 0;
  }
  if (cursor.left > 0) throw malformed(`${cursor.left} bytes after the last record`);
  return records;
}

/**
 * Puts records together to an NDEF message.
 * @throws HardwareError `ndef.bad-record`, `ndef.too-long`
 */
export function encodeNdef(records: readonly NdefRecord[]): Uint8Array {
  if (records.length === 0) throw new HardwareError('ndef.bad-record', 'a message needs a record');
  const parts = records.map((record, index) => {
    const { tnf, type, payload } = rawRecord(record);
    if (type.length > 0xff) throw new HardwareError('ndef.bad-record', `a type of ${type.length} bytes, limit 255`);
    const place = (index === 0 ? MESSAGE_BEGIN : 0) | (index === records.length - 1 ? MESSAGE_END : 0);
    const short = payload.length <= 0xff;
    const length = short ? Uint8Array.of(payload.length) : uint32(payload.length);
    return Buffer.concat([Uint8Array.of(place | (short ? SHORT : 0) | tnf, type.length), length, type, payload]);
  });
  const message = Buffer.concat(parts);
  requireShort(message.length);
  return Uint8Array.from(message);
}

/** A cursor that cannot leave its bytes. */
export class Cursor {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get at(): number {
    return this.#at;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** @throws HardwareError `ndef.malformed` */
  byte(): number {
    const [byte] = this.take(1);
    return byte ?? 0;
  }

  /** @throws HardwareError `ndef.malformed` */
  take(length: number): Uint8Array {
    if (length > this.left) throw malformed(`${length} bytes announced at ${this.#at}, ${this.left} there`);
    this.#at += length;
    return this.#bytes.slice(this.#at - length, this.#at);
  }
}

function readRecord(cursor: Cursor, flags: number): NdefRecord {
  const typeLength = cursor.byte();
  const payloadLength = (flags & SHORT) === 0 ? Buffer.from(cursor.take(4)).readUInt32BE() : cursor.byte();
  const idLength = (flags & ID_LENGTH) === 0 ? 0 : cursor.byte();
  const type = cursor.take(typeLength);
  cursor.take(idLength);
  return meaningOf(flags & TNF_MASK, type, cursor.take(payloadLength));
}

function meaningOf(tnf: number, type: Uint8Array, payload: Uint8Array): NdefRecord {
  const name = Buffer.from(type).toString('latin1');
  if (tnf === TNF_EMPTY) {
    if (type.length + payload.length > 0) throw malformed('an empty record that is not empty');
    return { kind: 'empty' };
  }
  // NFC Forum Record Type Definition 1.0: external types are compared without regard to case.
  if (tnf === TNF_EXTERNAL) return { kind: 'external', type: name.toLowerCase(), payload };
  if (tnf === TNF_WELL_KNOWN && name === 'U') return { kind: 'uri', uri: readUri(payload) };
  if (tnf === TNF_WELL_KNOWN && name === 'T') return readText(payload);
  return { kind: 'other', tnf, type, payload };
}

function readUri(payload: Uint8Array): string {
  const [code] = payload;
  if (code === undefined) throw malformed('a URI record without a prefix');
  return (URI_PREFIXES[code] ?? '') + decodeText(payload.slice(1), 'utf-8');
}

function readText(payload: Uint8Array): NdefRecord {
  const cursor = new Cursor(payload);
  const status = cursor.byte();
  const language = Buffer.from(cursor.take(status & TEXT_LANGUAGE_LENGTH)).toString('latin1');
  const bytes = cursor.take(cursor.left);
  if ((status & TEXT_UTF16) === 0) return { kind: 'text', language, text: decodeText(bytes, 'utf-8') };
  const littleEndian = bytes[0] === 0xff && bytes[1] === 0xfe;
  return { kind: 'text', language, text: decodeText(bytes, littleEndian ? 'utf-16le' : 'utf-16be') };
}

function decodeText(bytes: Uint8Array, encoding: 'utf-8' | 'utf-16le' | 'utf-16be'): string {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: encoding === 'utf-8' }).decode(bytes);
  } catch (cause) {
    throw malformed(`text that is not ${encoding}`, cause);
  }
}

function rawRecord(record: NdefRecord): { tnf: number; type: Uint8Array; payload: Uint8Array } {
  switch (record.kind) {
    case 'external':
      if (!EXTERNAL_TYPE.test(record.type)) {
        throw new HardwareError('ndef.bad-record', `${record.type} is not domain:name in lower case`);
      }
      return { tnf: TNF_EXTERNAL, type: Buffer.from(record.type, 'latin1'), payload: record.payload };
    case 'uri': {
      const code = prefixCodeFor(record.uri);
      const rest = record.uri.slice(URI_PREFIXES[code]?.length ?? 0);
      return { tnf: TNF_WELL_KNOWN, type: Buffer.from('U'), payload: Buffer.from([code, ...Buffer.from(rest)]) };
    }
    case 'text': {
      const language = Buffer.from(record.language, 'latin1');
      if (language.length > TEXT_LANGUAGE_LENGTH) {
        throw new HardwareError('ndef.bad-record', `a language of ${language.length} characters, limit 63`);
      }
      const payload = Buffer.concat([Uint8Array.of(language.length), language, Buffer.from(record.text)]);
      return { tnf: TNF_WELL_KNOWN, type: Buffer.from('T'), payload };
    }
    case 'empty':
      return { tnf: TNF_EMPTY, type: Uint8Array.of(), payload: Uint8Array.of() };
    case 'other':
      return record;
  }
}

/** The prefix that saves the most bytes. */
function prefixCodeFor(uri: string): number {
  let best = 0;
  for (const [code, prefix] of URI_PREFIXES.entries()) {
    if (uri.startsWith(prefix) && prefix.length > (URI_PREFIXES[best]?.length ?? 0)) best = code;
  }
  return best;
}

function uint32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function requireShort(length: number): void {
  if (length > MAX_NDEF_BYTES) {
    throw new HardwareError('ndef.too-long', `a message of ${length} bytes, limit ${MAX_NDEF_BYTES}`);
  }
}

function malformed(what: string, cause?: unknown): HardwareError {
  return new HardwareError('ndef.malformed', `not an NDEF message: ${what}`, { cause });
}
