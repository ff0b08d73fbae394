import { type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { isInCalendar } from '../calendar.js';
import { CloudError } from '../errors.js';

/** A place in a list that is ordered by time, then id. */
type Position = { createdAt: Date; id: string };

export const DEFAULT_PAGE_LIMIT = 20;

const CURSOR = /^(\d{1,15})\.([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

/**
 * The condition that a list goes on after `cursor`.
 * @throws CloudError `invalid_request`
 */
export function beyond(
  cursor: string | undefined,
  order: 'newest-first' | 'oldest-first',
  columns: { createdAt: PgColumn | SQL; id: PgColumn },
): SQL | undefined {
  if (cursor === undefined) return undefined;
  const [, ms, id] = CURSOR.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (ms === undefined || id === undefined || !isInCalendar(Number(ms)))
    throw new CloudError('invalid_request', 'cursor: not one of this list');
  const position = sql`(${new Date(Number(ms)).toISOString()}::timestamptz, ${id}::uuid)`;
  const row = sql`(${columns.createdAt}, ${columns.id})`;
  return order === 'newest-first' ? sql`${row} < ${position}` : sql`${row} > ${position}`;
}

/** Cuts rows, of which one more than `limit` was asked for, into a page. */
export function toPage<R extends Position>(
  rows: readonly R[],
  limit: number,
): { rows: R[]; hasMore: boolean; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const hasMore = rows.length > limit;
  return { rows: shown, hasMore, nextCursor: hasMore && last !== undefined ? toCursor(last) : null };
}

function toCursor({ createdAt, id }: Position): string {
  return Buffer.from(`${createdAt.getTime()}.${id}`).toString('base64url');
}
