import assert from 'node:assert';
import { inflateSync } from 'node:zlib';

const HEADER_BYTES = 44;
const ENTRY_BYTES = 20;
const SFNT_HEADER_BYTES = 12;
const SFNT_ENTRY_BYTES = 16;

/** A WOFF 1.0 font as the TrueType or OpenType file that it packs (W3C Recommendation, 13 December 2012, section 4). */
export function woffToSfnt(woff: Buffer): Buffer {
  assert(woff.toString('latin1', 0, 4) === 'wOFF', 'no WOFF file');
  const flavour = woff.subarray(4, 8);
  const count = woff.readUInt16BE(12);
  const directory = Buffer.alloc(SFNT_HEADER_BYTES + count * SFNT_ENTRY_BYTES);
  flavour.copy(directory);
  directory.writeUInt16BE(count, 4);
  // What a search by halves starts from (OpenType 1.9, table directory).
  const exponent = Math.floor(Math.log2(count));
  directory.writeUInt16BE(SFNT_ENTRY_BYTES << exponent, 6);
  directory.writeUInt16BE(exponent, 8);
  directory.writeUInt16BE(SFNT_ENTRY_BYTES * count - (SFNT_ENTRY_BYTES << exponent), 10);
  const parts: Uint8Array[] = [directory];
  let offset = directory.length;
  for (let index = 0; index < count; index += 1) {
    const entry = HEADER_BYTES + index * ENTRY_BYTES;
    const from = woff.readUInt32BE(entry + 4);
    const packed = woff.subarray(from, from + woff.readUInt32BE(entry + 8));
    const length = woff.readUInt32BE(entry + 12);
    const table = packed.length < length ? inflateSync(packed) : packed;
    assert(table.length === length, `a table of ${length} bytes unpacks to ${table.length}`);
    const to = SFNT_HEADER_BYTES + index * SFNT_ENTRY_BYTES;
    woff.copy(directory, to, entry, entry + 4);
    woff.copy(directory, to + 4, entry + 16, entry + 20);
    directory.writeUInt32BE(offset, to + 8);
    directory.writeUInt32BE(length, to + 12);
    const padding = -length & 3;
    parts.push(table, Buffer.alloc(padding));
    offset += length + padding;
  }
  return Buffer.concat(parts);
}
