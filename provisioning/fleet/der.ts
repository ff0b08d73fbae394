/** Tags of the types that a signing request is made of. Source: ITU-T X.690, section 8. */
const TAGS = {
  integer: 0x02,
  bitString: 0x03,
  oid: 0x06,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  attributes: 0xa0,
} as const;

/** A value with its tag and length, as DER writes it. */
export function der(type: keyof typeof TAGS, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.of(TAGS[type]), lengthOf(body), body]);
}

function lengthOf({ length }: Uint8Array): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const digits = Buffer.from(length.toString(16).padStart(length > 0xff ? 4 : 2, '0'), 'hex');
  return Uint8Array.of(0x80 | digits.length, ...digits);
}
