import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Tx } from '../database/database.js';
import { queryRows } from '../database/database.js';

const CountSchema = z.object({ count: z.coerce.number() });

/** What tells of events and is forgotten with them, by the column that says how old it is. */
const KEPT = { gap: 'received_at', dead: 'received_at', hub_boot: 'server_at' } as const;

export type KeptTable = keyof typeof KEPT;

/** Removes rows from before `until`, at most `limit`, and says how many went. */
export async function forgetOld(tx: Tx, table: KeptTable, until: Date, limit: number): Promise<number> {
  const name = sql.identifier(table);
  const age = sql.identifier(KEPT[table]);
  const [gone] = await queryRows(
    tx,
    CountSchema,
    sql`with gone as (
          delete from ${name} where ctid in (
            select ctid from ${name} where ${age} < ${until.toISOString()}::timestamptz limit ${limit}
          ) returning 1
        ) select count(*) from gone`,
  );
  return gone?.count ?? 0;
}
