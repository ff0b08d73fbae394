import type { Database } from './database.js';
import type { RawRecord, Value } from './raw-records.js';

type Column = { name: string; type: string; notnull: 0 | 1; dflt_value: string | null; pk: number };

export type Row = Record<string, Value>;

/** A row that was found, and of which table it is. */
export type FoundRow = { table: string; row: Row };

/** What a table of this build looks like on the card. */
type Shape = { table: string; columns: readonly Column[]; hasRowId: boolean };

/** An index may hold the same kinds of values as a table, but its first one is an id. */
const FIRST_VALUES: Readonly<Record<string, RegExp>> = {
  meta: /^[a-z][a-z_]*$/,
  tally: /^(rejected|dropped\/[0-3]\/[a-z_]+)$/,
};

/** Tells by its values which table a row belongs to: a page does not say it. */
export class SalvageTables {
  readonly #shapes: readonly Shape[];

  /** `fresh` has the tables that are looked for. */
  constructor(fresh: Database) {
    const tables = fresh
      .prepare<[], { name: string; wr: 0 | 1 }>(
        "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'",
      )
      .all();
    const columnsOf = fresh.prepare<[string], Column>('SELECT * FROM pragma_table_info(?)');
    this.#shapes = tables.map(({ name, wr }) => ({ table: name, columns: columnsOf.all(name), hasRowId: wr === 0 }));
  }

  /** The table of a record; one that was written before the last columns were added is shorter. */
  tableOf(record: RawRecord): string | undefined {
    const fitting = this.#shapes.filter((shape) => fits(shape, record));
    const whole = fitting.find(({ columns }) => columns.length === record.kinds.length);
    return (whole ?? fitting[0])?.table;
  }

  rowOf(table: string, record: RawRecord): Row {
    const columns = this.#shapes.find((shape) => shape.table === table)?.columns ?? [];
    const row: Row = {};
    for (const [at, { name, type, pk }] of columns.entries()) {
      if (at >= record.kinds.length) break;
      row[name] = isRowNumber({ type, pk }, record) ? (record.rowId ?? null) : record.value(at);
    }
    return row;
  }
}

function fits({ table, columns, hasRowId }: Shape, record: RawRecord): boolean {
  const { kinds, rowId } = record;
  if (hasRowId !== (rowId !== undefined) || kinds.length > columns.length || kinds.length === 0) return false;
  const fit = columns.every((column, at) => {
    const kind = kinds[at];
    if (kind === undefined) return column.pk === 0 && (column.notnull === 0 || column.dflt_value !== null);
    if (isRowNumber(column, record)) return kind === 0;
    if (kind === 0) return column.notnull === 0 && column.pk === 0;
    return isOfType(column.type, kind);
  });
  return fit && (FIRST_VALUES[table]?.test(String(record.value(0))) ?? true);
}

/** `INTEGER PRIMARY KEY` is the row number, and null in the record. */
function isRowNumber({ type, pk }: Pick<Column, 'type' | 'pk'>, { rowId }: RawRecord): boolean {
  return rowId !== undefined && pk === 1 && type === 'INTEGER';
}

/** Source: SQLite, database file format, section 2.1; a REAL without a fraction is stored as an integer. */
function isOfType(type: string, kind: number): boolean {
  if (type === 'ANY') return true;
  const isInteger = (kind >= 1 && kind <= 6) || kind === 8 || kind === 9;
  if (type === 'INTEGER') return isInteger;
  if (type === 'REAL') return isInteger || kind === 7;
  return type === 'TEXT' ? kind >= 13 && kind % 2 === 1 : kind >= 12 && kind % 2 === 0;
}
