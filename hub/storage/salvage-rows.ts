import Sqlite from 'better-sqlite3';
import type { Database } from './database.js';
import type { FoundRow, Row } from './salvage-tables.js';

/** Written in one transaction, and kept in memory until then. */
const BATCH_ROWS = 1000;
/** Only the file that was closed in order says so, and only the new file knows its own numbering. */
const NOT_CARRIED = new Set(['epoch', 'clean_stop', 'damaged_at']);
/** The first value of these is in every fresh file. */
const REPLACED = new Set(['binding']);

/** Puts rows into the new file in batches; one that does not fit is refused alone. */
export class SalvageRows {
  readonly #database: Database;
  readonly #inserts = new Map<string, (row: Row) => void>();
  #waiting: FoundRow[] = [];
  #oldEpoch: string | undefined;
  refused = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  put({ table, row }: FoundRow): void {
    if (table === 'meta' && row.k === 'epoch' && typeof row.v === 'string') this.#oldEpoch = row.v;
    if (table === 'meta' && NOT_CARRIED.has(String(row.k))) return;
    // The cloud knows registers by epoch and version: under the new epoch it is told all of them.
    this.#waiting.push({ table, row: table === 'reg' ? { ...row, dirty: 1 } : row });
    if (this.#waiting.length === BATCH_ROWS) this.flush();
  }

  flush(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    this.#database.write(() => {
      for (const one of batch) this.#insert(one);
    });
  }

  /** Names the new numbering; gives the old one, if it is known. */
  takeEpoch(fresh: string): string | undefined {
    this.#database.write(() => {
      this.#database.prepare<[string]>("INSERT INTO meta (k, v) VALUES ('epoch', ?)").run(fresh);
    });
    return this.#oldEpoch !== undefined && /^[0-9a-f]{32}$/.test(this.#oldEpoch) ? this.#oldEpoch : undefined;
  }

  /**
   * Where it is lost up to where commands were received, all that are here and all before them count as received: one that
   * may have run must not come again.
   */
  keepCursor(): void {
    this.#database.write(() => {
      this.#database
        .prepare(
          `INSERT OR IGNORE INTO meta (k, v) SELECT 'down_gen', max(gen) FROM inbox WHERE gen IS NOT NULL HAVING count(*) > 0`,
        )
        .run();
      this.#database
        .prepare(
          `INSERT OR IGNORE INTO meta (k, v) SELECT 'down_acked', CAST(max(down_seq) AS TEXT) FROM inbox
           WHERE gen = (SELECT v FROM meta WHERE k = 'down_gen') HAVING count(*) > 0`,
        )
        .run();
    });
  }

  #insert({ table, row }: FoundRow): void {
    try {
      this.#insertInto(table, row)(row);
    } catch (error) {
      const isMisfit = error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_CONSTRAINT');
      if (!isMisfit) throw error;
      this.refused += 1;
    }
  }

  /** Rows that were written before a column was added have one fewer. */
  #insertInto(table: string, row: Row): (row: Row) => void {
    const columns = Object.keys(row);
    const name = `${table} ${columns.length}`;
    let insert = this.#inserts.get(name);
    if (insert === undefined) {
      const verb = REPLACED.has(table) ? 'REPLACE' : 'IGNORE';
      const values = columns.map((column) => `@${column}`).join(', ');
      const statement = this.#database.prepare<[Row]>(
        `INSERT OR ${verb} INTO ${table} (${columns.join(', ')}) VALUES (${values})`,
      );
      insert = (one) => void statement.run(one);
      this.#inserts.set(name, insert);
    }
    return insert;
  }
}
