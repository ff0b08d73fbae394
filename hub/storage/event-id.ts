const UUID_BYTES = 16;
const TIME_BYTES = 6;
const DASHES_AT = [8, 12, 16, 20] as const;
const MAX_DELTA_MS = 127;

/**
 * A UUIDv7 as a row keeps it: where its time is near that of the event, as the difference to it and the rest.
 * Source: RFC 9562, section 5.7: the first 48 bits are milliseconds since 1970.
 */
export function packId(id: string, wallMs: number): Buffer {
  const bytes = Buffer.from(id.replaceAll('-', ''), 'hex');
  const deltaMs = bytes.readUIntBE(0, TIME_BYTES) - wallMs;
  if (Math.abs(deltaMs) > MAX_DELTA_MS) return bytes;
  const packed = bytes.subarray(TIME_BYTES - 1);
  packed.writeInt8(deltaMs, 0);
  return packed;
}

/** The id that was packed with this time. */
export function unpackId(packed: Buffer, wallMs: number): string {
  const bytes = Buffer.alloc(UUID_BYTES);
  if (packed.length === UUID_BYTES) packed.copy(bytes);
  else {
    bytes.writeUIntBE(wallMs + packed.readInt8(0), 0, TIME_BYTES);
    packed.copy(bytes, TIME_BYTES, 1);
  }
  const hex = bytes.toString('hex');
  const cuts = [0, ...DASHES_AT, hex.length];
  return cuts
    .slice(1)
    .map((end, index) => hex.slice(cuts[index], end))
    .join('-');
}
