import type Sqlite from 'better-sqlite3';
import { z } from 'zod';
import { Database } from '../../../hub/storage/database.js';

const RowSchema = z.object({
  name: z.enum(['log', 'gap', 'reg', 'inbox']),
  op: z.enum(['insert', 'update', 'delete']),
  was: z.string().nullable(),
  isNow: z.string().nullable(),
});

/** One row of a hub's store that a transaction made, changed or removed; before and after as JSON. */
export type WatchedRow = z.infer<typeof RowSchema>;

/** What of each table is looked at. Blobs have no place in JSON, so that they come as hex. */
const COLUMNS = {
  log: ['lane', 'seq', 'id', 'bytes'],
  gap: ['lane', 'from_seq', 'to_seq', 'reason', 'was'],
  reg: ['key', 'ver', 'dirty', 'superseded', 'body'],
  inbox: ['cmd_id', 'gen', 'down_seq', 'slot', 'rev', 'kind', 'state', 'result', 'body'],
} as const satisfies Record<WatchedRow['name'], readonly string[]>;

/** The hub's database, which tells what each commit changed, whatever statements it was made of. */
export class WatchedDatabase extends Database {
  onCommit: ((rows: WatchedRow[]) => void) | undefined;
  readonly #rewrite: (sql: string) => string;
  readonly #read: Sqlite.Statement<[], unknown>;
  readonly #clear: Sqlite.Statement<[], unknown>;
  #depth = 0;

  /** `rewrite` makes another store of it, statement by statement. */
  constructor(path: string, rewrite: (sql: string) => string = (sql) => sql) {
    super(path);
    this.#rewrite = rewrite;
    super
      .prepare('CREATE TEMP TABLE rig_watch (n INTEGER PRIMARY KEY, name TEXT, op TEXT, was TEXT, is_now TEXT)')
      .run();
    for (const sql of triggers()) super.prepare(sql).run();
    this.#read = super.prepare('SELECT name, op, was, is_now AS isNow FROM temp.rig_watch ORDER BY n');
    this.#clear = super.prepare('DELETE FROM temp.rig_watch');
  }

  override prepare<Parameters extends unknown[], Row = unknown>(sql: string): Sqlite.Statement<Parameters, Row> {
    return super.prepare<Parameters, Row>(this.#rewrite(sql));
  }

  override write<T>(change: () => T): T {
    this.#depth += 1;
    let value: T;
    try {
      value = super.write(change);
    } finally {
      this.#depth -= 1;
    }
    if (this.#depth === 0) this.#tell();
    return value;
  }

  #tell(): void {
    const rows = this.#read.all().map((row) => RowSchema.parse(row));
    if (rows.length === 0) return;
    this.#clear.run();
    this.onCommit?.(rows);
  }
}

function triggers(): string[] {
  const statements: string[] = [];
  for (const [name, columns] of Object.entries(COLUMNS)) {
    const json = (row: 'old' | 'new') => `json_object(${columns.map((one) => `'${one}', ${row}.${one}`).join(', ')})`;
    const ops = [
      { op: 'insert', was: 'NULL', isNow: json('new') },
      { op: 'update', was: json('old'), isNow: json('new') },
      { op: 'delete', was: json('old'), isNow: 'NULL' },
    ] as const;
    for (const { op, was, isNow } of ops) {
      statements.push(
        `CREATE TEMP TRIGGER rig_${name}_${op} AFTER ${op} ON main.${name}
         BEGIN INSERT INTO rig_watch (name, op, was, is_now) VALUES ('${name}', '${op}', ${was}, ${isNow}); END`,
      );
    }
  }
  return statements;
}
