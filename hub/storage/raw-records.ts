import type { RawPages } from './raw-pages.js';

export type Value = number | string | Buffer | null;

/** One row as it lies in a page: what kinds of values it has, and the values themselves when asked for. */
export type RawRecord = {
  /** The row number of a table that has them. */
  rowId: number | undefined;
  /** Serial types, one per column. */
  kinds: readonly number[];
  value: (column: number) => Value;
};

// Source: SQLite, database file format, sections 1.6 (b-tree pages), 1.8 (pointer maps) and 2.1 (records).
const INDEX_INTERIOR = 0x02;
const INDEX_LEAF = 0x0a;
const TABLE_INTERIOR = 0x05;
const TABLE_LEAF = 0x0d;
const FILE_HEADER_BYTES = 100;
const LEAF_HEADER_BYTES = 8;
const INTERIOR_HEADER_BYTES = 12;
const CHILD_BYTES = 4;
const MAP_ENTRY_BYTES = 5;
const INT_BYTES = [0, 1, 2, 3, 4, 6, 8] as const;
const MOST_COLUMNS = 64;
const MOST_PAYLOAD_BYTES = 4 * 1024 * 1024;

type Varint = { value: number; next: number };

/** Every row that lies in a page of the file, whatever has become of the way to that page. What makes no sense is left out. */
export function* rawRecords(pages: RawPages): Generator<RawRecord> {
  const mapEvery = Math.floor(pages.pageBytes / MAP_ENTRY_BYTES) + 1;
  for (let number = 1; number <= pages.count; number += 1) {
    const isPointerMap = (number - 2) % mapEvery === 0;
    if (!isPointerMap) yield* recordsIn(pages, pages.page(number), number === 1 ? FILE_HEADER_BYTES : 0);
  }
}

function* recordsIn(pages: RawPages, page: Buffer, at: number): Generator<RawRecord> {
  const type = page[at];
  if (type !== INDEX_INTERIOR && type !== INDEX_LEAF && type !== TABLE_LEAF) return;
  const pointers = at + (type === INDEX_INTERIOR ? INTERIOR_HEADER_BYTES : LEAF_HEADER_BYTES);
  const cells = page.readUInt16BE(at + 3);
  for (let cell = 0; cell < cells; cell += 1) {
    if (pointers + 2 * cell + 2 > page.length) return;
    const record = recordAt(pages, page, page.readUInt16BE(pointers + 2 * cell), type);
    if (record !== undefined) yield record;
  }
}

/** The row numbers in a page of a table in their order, or those that part its children; undefined if it is none. */
export function tableKeys(page: Buffer): number[] | undefined {
  const type = page[0];
  if (type !== TABLE_INTERIOR && type !== TABLE_LEAF) return undefined;
  const pointers = type === TABLE_INTERIOR ? INTERIOR_HEADER_BYTES : LEAF_HEADER_BYTES;
  const cells = page.readUInt16BE(3);
  if (pointers + 2 * cells > page.length) return undefined;
  const keys: number[] = [];
  for (let cell = 0; cell < cells; cell += 1) {
    const at = page.readUInt16BE(pointers + 2 * cell);
    const size = type === TABLE_LEAF ? varint(page, at) : undefined;
    const key = varint(page, size?.next ?? at + CHILD_BYTES);
    if (key === undefined) return undefined;
    keys.push(key.value);
  }
  return keys;
}

/** The last page below a page of a table; undefined if there is none below it. */
export function rightmostChild(page: Buffer): number | undefined {
  return page[0] === TABLE_INTERIOR ? page.readUInt32BE(LEAF_HEADER_BYTES) : undefined;
}

function recordAt(pages: RawPages, page: Buffer, cell: number, type: number): RawRecord | undefined {
  const size = varint(page, cell + (type === INDEX_INTERIOR ? CHILD_BYTES : 0));
  if (size === undefined || size.value < 2 || size.value > MOST_PAYLOAD_BYTES) return undefined;
  const rowId = type === TABLE_LEAF ? varint(page, size.next) : undefined;
  if (type === TABLE_LEAF && rowId === undefined) return undefined;
  const payload = payloadAt(pages, page, { at: rowId?.next ?? size.next, bytes: size.value, type });
  return payload === undefined ? undefined : decoded(payload, rowId?.value);
}

/** How much of a payload lies in its cell. Source: file format, section 1.6. */
function localBytes(pageBytes: number, bytes: number, type: number): number {
  const most = type === TABLE_LEAF ? pageBytes - 35 : Math.floor(((pageBytes - 12) * 64) / 255) - 23;
  if (bytes <= most) return bytes;
  const least = Math.floor(((pageBytes - 12) * 32) / 255) - 23;
  const local = least + ((bytes - least) % (pageBytes - 4));
  return local <= most ? local : least;
}

type PayloadPlace = { at: number; bytes: number; type: number };

function payloadAt(pages: RawPages, page: Buffer, { at, bytes, type }: PayloadPlace): Buffer | undefined {
  const local = localBytes(pages.pageBytes, bytes, type);
  if (local === bytes) return at + bytes <= page.length ? page.subarray(at, at + bytes) : undefined;
  if (at + local + 4 > page.length) return undefined;
  const parts = [page.subarray(at, at + local)];
  let next = page.readUInt32BE(at + local);
  for (let left = bytes - local; left > 0; left -= pages.pageBytes - 4) {
    if (next < 1 || next > pages.count) return undefined;
    const overflow = pages.page(next);
    parts.push(overflow.subarray(4, 4 + Math.min(left, pages.pageBytes - 4)));
    next = overflow.readUInt32BE(0);
  }
  return Buffer.concat(parts);
}

function decoded(payload: Buffer, rowId: number | undefined): RawRecord | undefined {
  const header = varint(payload, 0);
  if (header === undefined || header.value > payload.length) return undefined;
  const kinds: number[] = [];
  const places: number[] = [];
  let place = header.value;
  for (let at = header.next; at < header.value; ) {
    const kind = varint(payload, at);
    if (kind === undefined || kinds.length === MOST_COLUMNS) return undefined;
    kinds.push(kind.value);
    places.push(place);
    place += bytesOf(kind.value);
    at = kind.next;
  }
  // A record that was cut or mixed with another one does not add up.
  if (place !== payload.length) return undefined;
  return { rowId, kinds, value: (column) => readValue(payload, kinds[column] ?? 0, places[column] ?? 0) };
}

function bytesOf(kind: number): number {
  if (kind >= 12) return Math.floor((kind - 12) / 2);
  return kind === 7 ? 8 : (INT_BYTES[kind] ?? 0);
}

function readValue(payload: Buffer, kind: number, at: number): Value {
  if (kind === 0) return null;
  if (kind === 8 || kind === 9) return kind - 8;
  if (kind === 7) return payload.readDoubleBE(at);
  if (kind === 6) return Number(payload.readBigInt64BE(at));
  if (kind < 6) return payload.readIntBE(at, bytesOf(kind));
  const bytes = payload.subarray(at, at + bytesOf(kind));
  return kind % 2 === 1 ? bytes.toString('utf8') : bytes;
}

/** Big-endian groups of seven bits, at most nine bytes; undefined past the end, or past what a number holds. */
function varint(data: Buffer, at: number): Varint | undefined {
  let value = 0;
  for (let read = 0; read < 8; read += 1) {
    const byte = data[at + read];
    if (byte === undefined) return undefined;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return Number.isSafeInteger(value) ? { value, next: at + read + 1 } : undefined;
  }
  return undefined;
}
