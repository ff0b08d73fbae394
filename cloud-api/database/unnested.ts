import { type SQL, sql } from 'drizzle-orm';

type Value = string | number | boolean | Date | null;

/** The columns of many rows by their names: the type that the server casts to, and how a row gives its value. */
export type Columns<Row> = Record<string, readonly [type: string, read: (row: Row) => Value]>;

/**
 * Rows as a table to select from, `name` with these columns, in one statement however many there are. Every value
 * travels as text, in which both drivers write the same.
 */
export function unnested<Row>(name: string, rows: readonly Row[], columns: Columns<Row>): SQL {
  const entries = Object.entries(columns);
  const arrays = entries.map(([, [, read]]) => sql`${sql.param(rows.map((row) => textOf(read(row))))}::text[]`);
  const names = entries.map(([column]) => sql.identifier(column));
  const casts = entries.map(([column, [type]]) => sql`${sql.identifier(column)}::${sql.raw(type)}`);
  const casted = entries.map(([column], index) => sql`${casts[index]} as ${sql.identifier(column)}`);
  return sql`(select ${sql.join(casted, sql`, `)}
    from unnest(${sql.join(arrays, sql`, `)}) as texts(${sql.join(names, sql`, `)})) as ${sql.identifier(name)}`;
}

/** JSON for a column of that type; what is not there is no value. */
export function jsonOrNull(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}

function textOf(value: Value): string | null {
  if (value === null) return null;
  return value instanceof Date ? value.toISOString() : String(value);
}
