import { HardwareError } from '../errors.js';
import { Cursor, MAX_NDEF_BYTES } from './ndef.js';

/** A tag's user area, ready to be written, and where its NDEF length stands. */
export interface TlvArea {
  readonly bytes: Uint8Array;
  /** The offset of the first length byte: while it is 0, the tag holds an empty message. */
  readonly lengthAt: number;
}

// NFC Forum Type 2 Tag 1.1, TLV blocks.
const NULL = 0x00;
const LOCK_CONTROL = 0x01;
const MEMORY_CONTROL = 0x02;
const NDEF = 0x03;
const TERMINATOR = 0xfe;
const THREE_BYTE_LENGTH = 0xff;

/**
 * The NDEF message in a tag's user area; undefined where there is none, or an empty one.
 * @throws HardwareError `ndef.malformed`, `ndef.too-long`
 */
export function ndefIn(area: Uint8Array): Uint8Array | undefined {
  const cursor = new Cursor(area);
  while (cursor.left > 0) {
    const tag = cursor.byte();
    if (tag === NULL) continue;
    if (tag === TERMINATOR) return undefined;
    const value = readValue(cursor, tag === NDEF);
    if (tag === NDEF) return value.length === 0 ? undefined : value;
  }
  return undefined;
}

/**
 * Lays a message out for a user area of so many bytes behind the control blocks that stand at the front of the old one,
 * since they say where the tag's own lock bytes are.
 * @throws HardwareError `nfc.tag-full`, `ndef.too-long`
 */
export function layOut(message: Uint8Array, oldArea: Uint8Array): TlvArea {
  if (message.length > MAX_NDEF_BYTES) throw tooLong(message.length);
  const controls = oldArea.slice(0, controlBytes(oldArea));
  const length =
    message.length < THREE_BYTE_LENGTH
      ? [message.length]
      : [THREE_BYTE_LENGTH, message.length >> 8, message.length & 0xff];
  const filled = Buffer.concat([controls, Uint8Array.of(NDEF, ...length), message]);
  if (filled.length > oldArea.length) {
    throw new HardwareError('nfc.tag-full', `${filled.length} bytes for a tag that holds ${oldArea.length}`);
  }
  const terminator = filled.length < oldArea.length ? [TERMINATOR] : [];
  return { bytes: Uint8Array.from([...filled, ...terminator]), lengthAt: controls.length + 1 };
}

/** How many bytes the lock and memory control blocks at the front take; none if they are damaged. */
function controlBytes(area: Uint8Array): number {
  let end = 0;
  while (area[end] === LOCK_CONTROL || area[end] === MEMORY_CONTROL) {
    if (area[end + 1] !== 3 || end + 5 > area.length) return 0;
    end += 5;
  }
  return end;
}

function readValue(cursor: Cursor, isNdef: boolean): Uint8Array {
  const first = cursor.byte();
  const length = first === THREE_BYTE_LENGTH ? Buffer.from(cursor.take(2)).readUInt16BE() : first;
  if (isNdef && length > MAX_NDEF_BYTES) throw tooLong(length);
  return cursor.take(length);
}

function tooLong(length: number): HardwareError {
  return new HardwareError('ndef.too-long', `a message of ${length} bytes, limit ${MAX_NDEF_BYTES}`);
}
