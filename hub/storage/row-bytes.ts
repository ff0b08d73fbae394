// Source: SQLite file format, section 1.6: a page of 4096 bytes has 4088 for rows; a row that does not fit overflows.
const PAGE_BYTES = 4096;
const ROOM_BYTES = PAGE_BYTES - 8;
/** Of a row of the log without its body: key, header, origin, time and id. */
const ROW_OVERHEAD_BYTES = 24;

/** What an event takes of the file: its share of the page, with what is left over at the page's end. */
export function rowBytes(bodyBytes: number): number {
  const size = bodyBytes + ROW_OVERHEAD_BYTES;
  if (size > ROOM_BYTES) return Math.floor((size + ROOM_BYTES) / ROOM_BYTES) * PAGE_BYTES;
  return Math.floor(PAGE_BYTES / Math.floor(ROOM_BYTES / size));
}

/** The same in SQL, over rows of the log. */
export const ROW_BYTES_SQL = `CASE WHEN octet_length(body) + ${ROW_OVERHEAD_BYTES} <= ${ROOM_BYTES}
  THEN ${PAGE_BYTES} / (${ROOM_BYTES} / (octet_length(body) + ${ROW_OVERHEAD_BYTES}))
  ELSE (octet_length(body) + ${ROW_OVERHEAD_BYTES + ROOM_BYTES}) / ${ROOM_BYTES} * ${PAGE_BYTES} END`;
