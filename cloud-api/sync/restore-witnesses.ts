import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { queryRows, type Tx } from '../database/database.js';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
/** One hub may be faulty or in wrong hands; of a store that came back many show it when they sync next. */
const ENOUGH = 2;

const CountsSchema = z.object({ witnesses: z.number(), active: z.number() });

/**
 * Notes hubs that have more of an incarnation than this store, and says whether that proves a restore: two of them do
 * within an hour, and one where it is alone.
 */
export async function isRestoreProved(
  tx: Tx,
  { hubIds, gen, now }: { hubIds: readonly string[]; gen: string; now: Date },
): Promise<boolean> {
  const at = sql`${now.toISOString()}::timestamptz`;
  await tx.execute(sql`insert into restore_witness (hub_id, gen, seen_at)
    select id, ${gen}, ${at} from unnest(${sql.param([...hubIds])}::uuid[]) as told(id)
    on conflict (hub_id) do update set gen = excluded.gen, seen_at = excluded.seen_at`);
  const since = (ms: number) => sql`${new Date(now.getTime() - ms).toISOString()}::timestamptz`;
  const [counts] = await queryRows(
    tx,
    CountsSchema,
    sql`select (select count(*) from restore_witness where gen = ${gen} and seen_at > ${since(HOUR_MS)})::int as witnesses,
      (select count(*) from hub where last_seen_at > ${since(DAY_MS)})::int as active`,
  );
  const { witnesses, active } = CountsSchema.parse(counts);
  return witnesses >= Math.min(ENOUGH, Math.floor(active / 2) + 1);
}
