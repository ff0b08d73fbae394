import type Sqlite from 'better-sqlite3';
import { z } from 'zod';
import type { Lane } from '../../../contract/index.js';
import { Database } from '../../../hub/storage/database.js';
import { migrations } from '../../../hub/storage/migrations/index.js';
import type { QueueLimits } from '../../../hub/storage/queue-limits.js';

const RowSchema = z.object({
  name: z.enum(['log0', 'log1', 'log2', 'log3', 'gap', 'reg', 'inbox', 'meta']),
  op: z.enum(['insert', 'update', 'delete']),
  was: z.string().nullable(),
  isNow: z.string().nullable(),
});

/** One row of a hub's store that a transaction made, changed or removed; before and after as JSON. */
export type WatchedRow = z.infer<typeof RowSchema>;

const LOG = { pos: '', size: 'octet_length(ROW.body)' } as const;

/** What of each table is looked at, by the expression that gives it. */
const COLUMNS = {
  ...{ log0: LOG, log1: LOG, log2: LOG, log3: LOG },
  gap: { lane: '', from_pos: '', to_pos: '', reason: '' },
  meta: { k: '', v: '' },
  reg: { key: '', ver: '', acked_ver: '', body: '' },
  inbox: { cmd_id: '', gen: '', down_seq: '', slot: '', rev: '', kind: '', state: '', result: '', body: '' },
} as const satisfies Record<WatchedRow['name'], Record<string, string>>;

/** The hub's database, which tells what each commit changed, whatever statements it was made of. */
export class WatchedDatabase extends Database {
  onCommit: ((rows: WatchedRow[]) => void) | undefined;
  readonly #rewrite: (sql: string) => string;
  readonly #read: Sqlite.Statement<[], unknown>;
  readonly #clear: Sqlite.Statement<[], unknown>;
  readonly #bases: Sqlite.Statement<[], { base: number }>;
  #depth = 0;

  /** `sql` makes another store of it, statement by statement; `pragma` is one that the true one does not set so. */
  constructor(
    path: string,
    limits: QueueLimits,
    { sql = (text) => text, pragma }: { sql?: (text: string) => string; pragma?: string } = {},
  ) {
    super(path, migrations, limits);
    this.#rewrite = sql;
    if (pragma !== undefined) super.prepare(`PRAGMA ${pragma}`).all();
    super
      .prepare('CREATE TEMP TABLE rig_watch (n INTEGER PRIMARY KEY, name TEXT, op TEXT, was TEXT, is_now TEXT)')
      .run();
    for (const sql of triggers()) super.prepare(sql).run();
    this.#bases = super.prepare('SELECT base FROM lane ORDER BY lane');
    this.#read = super.prepare('SELECT name, op, was, is_now AS isNow FROM temp.rig_watch ORDER BY n');
    this.#clear = super.prepare('DELETE FROM temp.rig_watch');
  }

  /** Of each lane, by how much positions are ahead of numbers. */
  bases(): number[] {
    const rows = this.#bases.all();
    return rows.map(({ base }) => base);
  }

  /** What of a lane lies at and after a position. */
  held(lane: Lane, from: number): { events: number[]; gaps: [number, number][] } {
    const events = super.prepare<[number], { pos: number }>(`SELECT pos FROM log${lane} WHERE pos >= ? ORDER BY pos`);
    const gaps = super.prepare<[number, Lane, number], { first: number; last: number }>(
      'SELECT max(from_pos, ?) AS first, to_pos AS last FROM gap WHERE lane = ? AND to_pos >= ? ORDER BY from_pos',
    );
    return {
      events: events.all(from).map(({ pos }) => pos),
      gaps: gaps.all(from, lane, from).map(({ first, last }) => [first, last]),
    };
  }

  /** The registers that the cloud does not have. */
  dirty(): { key: string; ver: number; body: string }[] {
    return super
      .prepare<[], { key: string; ver: number; body: string }>('SELECT key, ver, body FROM reg WHERE dirty = 1')
      .all();
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
    const json = (row: 'old' | 'new') =>
      `json_object(${Object.entries(columns)
        .map(([column, of]) => `'${column}', ${of.includes('ROW') ? of.replace('ROW', row) : `${row}.${column}`}`)
        .join(', ')})`;
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
