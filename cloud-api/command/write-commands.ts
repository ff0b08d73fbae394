import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { queryRows, type Tx } from '../database/database.js';
import { unnested } from '../database/unnested.js';
import type { command } from './tables.js';

type CommandRow = typeof command.$inferSelect;

/** A command that a newer one of its slot replaced before its hub had it. */
export type Superseded = { cmdId: string; kind: string };

/** A command that is to be written. */
type FreshCommand = Pick<
  CommandRow,
  'id' | 'hubId' | 'householdId' | 'downSeq' | 'slot' | 'kind' | 'body' | 'queuedAt' | 'deadlineAt'
> & { endsSlot: string | null };

/** What is known of a command once it is written. */
type WrittenCommand = { rev: number; gen: string; superseded: Superseded[] };

const WrittenSchema = z.object({
  id: z.string(),
  rev: z.coerce.number(),
  gen: z.string(),
  superseded: z.array(z.object({ cmdId: z.string(), kind: z.string() })),
});

/**
 * Writes commands, no two of one slot, and ends those that they replace, in one statement, since each costs a journey to
 * the database. It begins after the rows of the hubs were locked: only so it sees the revisions of whoever held them
 * before. By the id of each.
 */
export async function writeCommands(tx: Tx, rows: readonly FreshCommand[]): Promise<Map<string, WrittenCommand>> {
  const source = unnested('asked', rows, {
    id: ['uuid', ({ id }) => id],
    household_id: ['uuid', ({ householdId }) => householdId],
    hub_id: ['uuid', ({ hubId }) => hubId],
    down_seq: ['bigint', ({ downSeq }) => downSeq],
    slot: ['text', ({ slot }) => slot],
    ends_slot: ['text', ({ endsSlot }) => endsSlot],
    kind: ['text', ({ kind }) => kind],
    body: ['json', ({ body }) => JSON.stringify(body)],
    deadline_at: ['timestamptz', ({ deadlineAt }) => deadlineAt],
    queued_at: ['timestamptz', ({ queuedAt }) => queuedAt],
    queued_ms: ['bigint', ({ queuedAt }) => queuedAt.getTime()],
  });
  const columns = sql`id, household_id, hub_id, down_seq, slot, kind, body, deadline_at, queued_at`;
  const written = await queryRows(
    tx,
    WrittenSchema,
    // Revisions follow the clock, so that they rise for the hub even after this store came back from a dump.
    sql`with fresh as materialized (
        select * from ${source}
      ), ended as (
        update command set state = 'SUPERSEDED', path = 'cloud', ended_at = fresh.queued_at from fresh
        where command.hub_id = fresh.hub_id and command.slot in (fresh.slot, fresh.ends_slot)
          and command.state in ('QUEUED', 'OFFERED')
        returning command.id, command.kind, fresh.id as by
      ), made as (
        insert into command (${columns}, rev, state, path)
        select ${columns}, greatest(queued_ms, (
            select coalesce(max(rev), 0) + 1 from command where command.hub_id = fresh.hub_id and command.slot = fresh.slot
          )), 'QUEUED', 'cloud' from fresh
        returning id, rev
      )
      select id, rev, (select gen from store where store.id = 1) as gen, (
        select coalesce(json_agg(json_build_object('cmdId', ended.id, 'kind', ended.kind) order by ended.id), '[]')
        from ended where ended.by = made.id
      ) as superseded from made`,
  );
  return new Map(written.map(({ id, ...facts }) => [id, facts]));
}
