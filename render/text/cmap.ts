import assert from 'node:assert';

type Range = [first: number, last: number];
type Read = (offset: number, length: number) => Buffer;

const UNICODE_PLATFORM = 0;
const WINDOWS_PLATFORM = 3;

/** Ranges of code points that a TrueType or OpenType file has a glyph for (OpenType 1.9, cmap, formats 4 and 12). */
export function readCmap(read: Read): Range[] {
  const tableCount = read(4, 2).readUInt16BE(0);
  const directory = read(12, tableCount * 16);
  for (let at = 0; at < directory.length; at += 16) {
    if (directory.toString('latin1', at, at + 4) !== 'cmap') continue;
    return rangesOf(read(directory.readUInt32BE(at + 8), directory.readUInt32BE(at + 12)));
  }
  throw new assert.AssertionError({ message: 'a font without a cmap table' });
}

function rangesOf(table: Buffer): Range[] {
  const offsets: Record<number, number> = {};
  for (let at = 4; at < 4 + table.readUInt16BE(2) * 8; at += 8) {
    const platform = table.readUInt16BE(at);
    if (platform !== UNICODE_PLATFORM && platform !== WINDOWS_PLATFORM) continue;
    const offset = table.readUInt32BE(at + 4);
    offsets[table.readUInt16BE(offset)] = offset;
  }
  const wide = offsets[12];
  if (wide !== undefined) return rangesOfFormat12(table.subarray(wide));
  const narrow = offsets[4];
  return narrow === undefined ? [] : rangesOfFormat4(table.subarray(narrow));
}

function rangesOfFormat12(table: Buffer): Range[] {
  return Array.from({ length: table.readUInt32BE(12) }, (_, group) => [
    table.readUInt32BE(16 + group * 12),
    table.readUInt32BE(20 + group * 12),
  ]);
}

function rangesOfFormat4(table: Buffer): Range[] {
  const bytes = table.readUInt16BE(6);
  const ranges: Range[] = [];
  for (let at = 0; at < bytes; at += 2) {
    const last = table.readUInt16BE(14 + at);
    const first = table.readUInt16BE(16 + bytes + at);
    const delta = table.readUInt16BE(16 + 2 * bytes + at);
    const offsetAt = 16 + 3 * bytes + at;
    const offset = table.readUInt16BE(offsetAt);
    for (let code = first; code <= last && code < 0xffff; code += 1) {
      const glyphAt = offsetAt + offset + 2 * (code - first);
      const glyph = offset === 0 ? (code + delta) & 0xffff : table.readUInt16BE(glyphAt);
      if (glyph === 0) continue;
      const before = ranges.at(-1);
      if (before !== undefined && before[1] === code - 1) before[1] = code;
      else ranges.push([code, code]);
    }
  }
  return ranges;
}
