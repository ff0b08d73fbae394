import type { Database } from '../../../hub/storage/database.js';
import type { Corruption } from './corruption.js';

/** What a page of a database file is for, and of how many rows all or a part stands on it. */
export type PageUse = { page: number; table: string; rows: number };

const EVENTS = /^log\d$/;
/** Where it stands what the events are: without it, none of them can be told. */
const NEEDED_BY_EVENTS: readonly string[] = ['boot', 'origin'];

export function usedPages(database: Pick<Database, 'prepare'>): PageUse[] {
  // Source: SQLite, the DBSTAT virtual table. A page of overflow holds a part of one row.
  const uses = database.prepare<[], PageUse>(
    `SELECT pageno AS page, name AS "table",
       CASE pagetype WHEN 'leaf' THEN ncell WHEN 'overflow' THEN 1 ELSE 0 END AS rows FROM dbstat`,
  );
  return uses.all();
}

/** The tables of which pages were hit, and the most events that these may have taken with them. */
export function hitBy(
  corruptions: readonly Corruption[],
  pages: readonly PageUse[],
): { tables: ReadonlySet<string>; events: number } {
  const hit = pages.filter(({ page }) => corruptions.some((one) => one.page === page));
  const tables = new Set(hit.map(({ table }) => table));
  if (NEEDED_BY_EVENTS.some((table) => tables.has(table))) return { tables, events: Number.POSITIVE_INFINITY };
  const onThem = hit.filter(({ table }) => EVENTS.test(table)).map(({ rows }) => rows);
  return { tables, events: onThem.reduce((sum, rows) => sum + rows, 0) };
}
