import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { Database, queryRows, type Tx } from '../../../cloud-api/database/database.js';
import { AUDIT_SQL } from './audit-sql.js';

const AuditRowSchema = z.object({
  name: z.string(),
  was: z.record(z.string(), z.unknown()).nullable(),
  is_now: z.record(z.string(), z.unknown()),
});

/** One row that a transaction of the cloud made or changed. */
export type AuditRow = z.infer<typeof AuditRowSchema>;

/** What befalls the next transaction that changes something: refused: it is undone · unheard: it commits and nobody is told. */
export type CommitFault = 'refused' | 'unheard';

/** How transactions go: `run` is one of the true database. */
export type Transact = <T>(
  run: <R>(fn: (tx: Tx) => Promise<R>) => Promise<R>,
  fn: (tx: Tx) => Promise<T>,
) => Promise<T>;

/** The true database, which tells of what each of its transactions has committed, and may fail at its commits. */
export class RigDatabase {
  readonly database: Database;
  onCommit: (rows: AuditRow[]) => void = () => undefined;
  fault: CommitFault | undefined;
  transact: Transact = (run, fn) => run(fn);
  readonly #inner: Database;

  private constructor(inner: Database) {
    this.#inner = inner;
    const recorded = <T>(fn: (tx: Tx) => Promise<T>) => this.#recorded(fn);
    this.database = new Database({
      engine: inner.engine,
      transaction: (fn) => this.transact(recorded, fn),
      script: (text) => inner.script(text),
      close: () => inner.close(),
    });
  }

  static async over(inner: Database): Promise<RigDatabase> {
    await inner.script(AUDIT_SQL);
    return new RigDatabase(inner);
  }

  /** Past the record, for what the world does to the database and no program of ours. */
  async beside(script: string): Promise<void> {
    await this.#inner.script(script);
  }

  async #recorded<T>(fn: (tx: Tx) => Promise<T>): Promise<T> {
    let fault: CommitFault | undefined;
    let rows: AuditRow[] = [];
    const result = await this.#inner.asOwner(async (tx) => {
      const value = await fn(tx);
      rows = await queryRows(tx, AuditRowSchema, TAKE);
      if (rows.length > 0) {
        fault = this.fault;
        this.fault = undefined;
      }
      if (fault === 'refused') throw new RangeError('the database refused to commit');
      return value;
    });
    if (rows.length > 0) this.onCommit(rows);
    if (fault === 'unheard') throw new RangeError('the connection broke after the commit');
    return result;
  }
}

const TAKE = sql`
  with taken as (delete from rig_audit returning n, name, was, is_now)
  select name, was, is_now from taken order by n`;
