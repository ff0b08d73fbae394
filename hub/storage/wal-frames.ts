import { readSync } from 'node:fs';

// Source: SQLite, database file format, section 4 (the write-ahead log).
const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const MAGIC = 0x377f0682;
const SUMMED_OF_FRAME_HEADER = 8;
const SUMMED_OF_HEADER = 24;

type Sums = { one: number; two: number };

/** Where the newest committed version of each page is in a write-ahead log; frames after the first bad one do not count. */
export function walFrames(file: number, bytes: number, pageBytes: number): Map<number, number> {
  const committed = new Map<number, number>();
  const header = Buffer.alloc(HEADER_BYTES);
  if (readSync(file, header, 0, HEADER_BYTES, 0) < HEADER_BYTES) return committed;
  const magic = header.readUInt32BE(0);
  if ((magic & ~1) >>> 0 !== MAGIC || header.readUInt32BE(8) !== pageBytes) return committed;
  const isBigEndian = (magic & 1) === 1;
  const sums: Sums = { one: 0, two: 0 };
  add(sums, header.subarray(0, SUMMED_OF_HEADER), isBigEndian);
  if (!matches(sums, header, SUMMED_OF_HEADER)) return committed;
  const waiting = new Map<number, number>();
  const frame = Buffer.alloc(FRAME_HEADER_BYTES + pageBytes);
  for (let at = HEADER_BYTES; at + frame.length <= bytes; at += frame.length) {
    if (readSync(file, frame, 0, frame.length, at) < frame.length) break;
    if (frame.compare(header, 16, 24, 8, 16) !== 0) break;
    add(sums, frame.subarray(0, SUMMED_OF_FRAME_HEADER), isBigEndian);
    add(sums, frame.subarray(FRAME_HEADER_BYTES), isBigEndian);
    if (!matches(sums, frame, 16)) break;
    waiting.set(frame.readUInt32BE(0), at + FRAME_HEADER_BYTES);
    const isCommit = frame.readUInt32BE(4) !== 0;
    if (!isCommit) continue;
    for (const [page, place] of waiting) committed.set(page, place);
    waiting.clear();
  }
  return committed;
}

function add(sums: Sums, data: Buffer, isBigEndian: boolean): void {
  const word = (at: number) => (isBigEndian ? data.readUInt32BE(at) : data.readUInt32LE(at));
  let { one, two } = sums;
  for (let at = 0; at < data.length; at += 8) {
    one = (one + word(at) + two) >>> 0;
    two = (two + word(at + 4) + one) >>> 0;
  }
  sums.one = one;
  sums.two = two;
}

function matches({ one, two }: Sums, header: Buffer, at: number): boolean {
  return header.readUInt32BE(at) === one && header.readUInt32BE(at + 4) === two;
}
