import { sql } from 'drizzle-orm';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import { z } from 'zod';
import { withoutValues } from './data-error.js';

/** A running transaction: everything that reads or writes rows takes one. */
export type Tx = PgDatabase<PgQueryResultHKT>;

/** The roles in which rows are touched; see the README for what each may do. */
type Role = 'app_user' | 'app_system';

/** They end with their transaction; a plain SET would leak to the next user of a pooled connection. */
export type Settings = { 'app.household_id': string; role: string };

type DatabaseParts = {
  engine: 'pglite' | 'postgresql';
  transaction: <T>(fn: (tx: Tx) => Promise<T>) => Promise<T>;
  /** A transaction with settings of its own, where that costs no journey to the database of theirs. */
  transactionWith?: <T>(settings: Settings, fn: (tx: Tx) => Promise<T>) => Promise<T>;
  script: (text: string) => Promise<void>;
  close: () => Promise<void>;
};

/** An open database; rows are reached by `withHousehold` and `asSystem` only. */
export class Database {
  readonly engine: 'pglite' | 'postgresql';
  readonly #parts: DatabaseParts;
  #closed: Promise<void> | undefined;

  constructor(parts: DatabaseParts) {
    this.engine = parts.engine;
    this.#parts = parts;
  }

  /**
   * Runs statements as the login role, which owns the tables: for migrations, for the partitions of events and in tests.
   * Row-level security is forced on it too, unless it is a superuser.
   */
  asOwner<T>(fn: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#run(fn);
  }

  /** Runs a script of several statements as the owner. */
  script(text: string): Promise<void> {
    return this.#parts.script(text);
  }

  inRole<T>(role: Role, householdId: string | null, fn: (tx: Tx) => Promise<T>): Promise<T> {
    const settings = { 'app.household_id': householdId ?? '', role };
    const { transaction, transactionWith } = this.#parts;
    if (transactionWith !== undefined) return this.#run(fn, (run) => transactionWith(settings, run));
    return this.#run(fn, (run) =>
      transaction(async (tx) => {
        const { role, 'app.household_id': household } = settings;
        await tx.execute(
          sql`select set_config('app.household_id', ${household}, true), set_config('role', ${role}, true)`,
        );
        return run(tx);
      }),
    );
  }

  close(): Promise<void> {
    this.#closed ??= this.#parts.close();
    return this.#closed;
  }

  async #run<T>(
    fn: (tx: Tx) => Promise<T>,
    transact: DatabaseParts['transaction'] = this.#parts.transaction,
  ): Promise<T> {
    let hooks: (() => void)[] = [];
    const result = await transact(async (tx) => {
      hooks = [];
      COMMIT_HOOKS.set(tx, hooks);
      return fn(tx);
    }).catch((error: unknown) => {
      throw withoutValues(error);
    });
    for (const hook of hooks) hook();
    return result;
  }
}

const COMMIT_HOOKS = new WeakMap<Tx, (() => void)[]>();

/**
 * Runs `fn` in one transaction that sees and changes the rows of one household only.
 * Never open a second one inside: the embedded database has one session, and would wait for itself.
 */
export function withHousehold<T>(db: Database, householdId: string, fn: (tx: Tx) => Promise<T>): Promise<T> {
  return db.inRole('app_user', householdId, fn);
}

/** Runs `fn` in one transaction across households, for what arrives without one: hubs, log-in, hooks. */
export function asSystem<T>(db: Database, fn: (tx: Tx) => Promise<T>): Promise<T> {
  return db.inRole('app_system', null, fn);
}

/** Calls `hook` once the transaction has committed, and never if it does not. A hook must not throw. */
export function afterCommit(tx: Tx, hook: () => void): void {
  COMMIT_HOOKS.get(tx)?.push(hook);
}

/** Runs `fn` so that it alone is undone if it throws, and its hooks with it; the transaction goes on. */
export async function inSavepoint<T>(tx: Tx, fn: () => Promise<T>): Promise<T> {
  const hooks = COMMIT_HOOKS.get(tx);
  const before = hooks?.length ?? 0;
  await tx.execute(sql`savepoint part`);
  try {
    const value = await fn();
    await tx.execute(sql`release savepoint part`);
    return value;
  } catch (error) {
    await tx.execute(sql`rollback to savepoint part`);
    await tx.execute(sql`release savepoint part`);
    hooks?.splice(before);
    throw error;
  }
}

const ResultSchema = z.object({ rows: z.array(z.unknown()) });

/** The rows of a hand-written query, each parsed; both drivers answer in this shape. */
export async function queryRows<T>(tx: Tx, row: z.ZodType<T>, query: ReturnType<typeof sql>): Promise<T[]> {
  return ResultSchema.parse(await tx.execute(query)).rows.map((value) => row.parse(value));
}
