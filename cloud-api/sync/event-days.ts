import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { CloudContext } from '../context.js';
import { type Database, queryRows, type Tx } from '../database/database.js';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Made before they begin, so that a service that cannot do so for a while still finds its day. */
const DAYS_AHEAD = 3;
/** Whoever changes partitions waits for those who use them, and makes others wait behind it: rather later than long. */
const LOCK_LIMIT_MS = 2_000;
/** Several services on one PostgreSQL do this one after the other. */
const DAYS_LOCK = 4_761_326;

const DaySchema = z.object({ day: z.string() });

type EventDays = Pick<CloudContext, 'db' | 'clock'>;

/** Makes the partitions of events for today and the next days, and for those that had to wait without one. */
export async function makeEventDays({ db, clock }: EventDays): Promise<void> {
  const today = clock.now();
  const ahead = Array.from({ length: DAYS_AHEAD + 1 }, (_, index) => dayOf(today + index * DAY_MS));
  const waiting = await db.asOwner((tx) =>
    queryRows(
      tx,
      DaySchema,
      sql`select distinct to_char(received_at at time zone 'UTC', 'YYYY-MM-DD') as day from event_rest order by 1`,
    ),
  );
  for (const day of new Set([...waiting.map((row) => row.day), ...ahead])) {
    await withDays(db, (tx) => tx.execute(sql`select make_event_day(${day}::date)`));
  }
}

/** Drops the partitions of days that ended more than `days` days ago, and names them. */
export async function dropEventDays({ db, clock }: EventDays, days: number): Promise<string[]> {
  const oldest = `event_${dayOf(clock.now() - days * DAY_MS).replaceAll('-', '')}`;
  const old = await db.asOwner((tx) =>
    queryRows(
      tx,
      DaySchema,
      sql`select c.relname as day from pg_inherits i join pg_class c on c.oid = i.inhrelid
          where i.inhparent = 'event'::regclass and c.relname ~ '^event_[0-9]{8}$' and c.relname < ${oldest} order by 1`,
    ),
  );
  for (const { day } of old) await withDays(db, (tx) => tx.execute(sql`drop table if exists ${sql.identifier(day)}`));
  return old.map(({ day }) => day);
}

async function withDays(db: Database, fn: (tx: Tx) => Promise<unknown>): Promise<void> {
  await db.asOwner(async (tx) => {
    await tx.execute(sql`select set_config('lock_timeout', ${String(LOCK_LIMIT_MS)}, true)`);
    await tx.execute(sql`select pg_advisory_xact_lock(${DAYS_LOCK})`);
    await fn(tx);
  });
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
