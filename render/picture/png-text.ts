const SIGNATURE_BYTES = 8;
/** Length and type before the data, a checksum behind it. */
const CHUNK_BYTES = 12;
const TEXT_CHUNKS: readonly string[] = ['tEXt', 'zTXt', 'iTXt'];

/**
 * The PNG without its chunks of text. The drawing library unpacks each of them, shown or not: seven hundred kilobytes
 * of them can take two gigabytes, whatever size the picture has.
 */
export function withoutPngText(png: Uint8Array): Uint8Array {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  const kept = Buffer.alloc(bytes.length);
  let length = bytes.copy(kept, 0, 0, SIGNATURE_BYTES);
  let at = SIGNATURE_BYTES;
  while (at + CHUNK_BYTES <= bytes.length) {
    const end = at + CHUNK_BYTES + bytes.readUInt32BE(at);
    if (!TEXT_CHUNKS.includes(bytes.toString('latin1', at + 4, at + 8))) length += bytes.copy(kept, length, at, end);
    at = end;
  }
  // What is too short to be a chunk is left for the reader to refuse.
  if (at < bytes.length) length += bytes.copy(kept, length, at);
  return kept.subarray(0, length);
}
