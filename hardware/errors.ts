/** Stable words for what can go wrong on a wire. */
export type HardwareErrorCode =
  /** What lies on the tag is not a well-formed TLV area or NDEF message. */
  | 'ndef.malformed'
  /** A message is longer than the 1 KB that we read and write. */
  | 'ndef.too-long'
  /** A well-formed message uses a part of NDEF that we do not read: records in chunks. */
  | 'ndef.unsupported'
  /** A record that was to be written breaks the rules of its kind. */
  | 'ndef.bad-record'
  /** No tag lies on the reader, or it was lifted while we spoke to it. */
  | 'nfc.no-tag'
  /** The tag is not an NTAG213, 215 or 216 that is formatted for NDEF. */
  | 'nfc.unsupported-tag'
  /** The tag is write-protected. */
  | 'nfc.tag-locked'
  /** The message does not fit on the tag. */
  | 'nfc.tag-full'
  /** The tag or the reader refused a read. */
  | 'nfc.read-failed'
  /** The tag or the reader refused a write. */
  | 'nfc.write-failed'
  /** What was read back is not what was written. */
  | 'nfc.verify-failed';

export class HardwareError extends Error {
  readonly code: HardwareErrorCode;

  constructor(code: HardwareErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HardwareError';
    this.code = code;
  }
}
