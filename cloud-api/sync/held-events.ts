import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { SyncEvent } from '../../contract/index.js';
import { queryRows, type Tx } from '../database/database.js';
import { type Columns, unnested } from '../database/unnested.js';
import type { Visit } from './visit.js';

/** A place in a stream. */
export type Was = { epoch: string; lane: number; seq: number };

/** What is stored at a place. */
export type HeldEvent = { id: string | null; type: string | null; body: unknown };

type HubPlace = Was & { hubId: string };

const PLACE = {
  hub_id: ['uuid', ({ hubId }) => hubId],
  epoch: ['text', ({ epoch }) => epoch],
  lane: ['int', ({ lane }) => lane],
  seq: ['bigint', ({ seq }) => seq],
} as const satisfies Columns<HubPlace>;

const HeldRowSchema = z.object({
  hubId: z.string(),
  epoch: z.string(),
  lane: z.number(),
  seq: z.coerce.number(),
  id: z.string().nullable(),
  type: z.string().nullable(),
  body: z.unknown(),
});

const MovedSchema = z.looseObject({
  was: z.array(z.looseObject({ epoch: z.string(), lane: z.int(), seq: z.int() })).max(16),
});

export function placeKey({ epoch, lane, seq }: Was): string {
  return `${epoch} ${lane} ${seq}`;
}

/**
 * Reads what is stored at the earlier places of events that were moved into a new epoch. Two copies of one card give the
 * same numbers to different events: that a number is covered does not say by which.
 */
export async function readHeldEvents(tx: Tx, visits: readonly Visit[]): Promise<void> {
  const places = visits.flatMap(earlierPlaces);
  if (places.length === 0) return;
  const earlier = unnested('earlier', places, PLACE);
  const names = sql`hub_id as "hubId", epoch, lane, seq`;
  const rows = await queryRows(
    tx,
    HeldRowSchema,
    sql`select ${names}, id::text as id, type, body from event natural join ${earlier}
      union all select ${names}, raw->>'id', raw->>'type', raw->'body' from dead natural join ${earlier}`,
  );
  for (const { hubId, id, type, body, ...place } of rows) {
    visits.find(({ row }) => row.id === hubId)?.held.set(placeKey(place), { id, type, body });
  }
}

/** Whether what is stored at a place is another event than this one; not if nothing is there any more, or a gap. */
export function isAnother(
  held: HeldEvent | undefined,
  { id, type, body }: Pick<SyncEvent, 'id' | 'type' | 'body'>,
): boolean {
  if (held === undefined) return false;
  if (held.id !== null && id !== undefined) return held.id.toLowerCase() !== id.toLowerCase();
  return held.type !== type || JSON.stringify(held.body ?? null) !== JSON.stringify(body ?? null);
}

function earlierPlaces({ row, job }: Visit): HubPlace[] {
  const events = job.input.logs.flatMap((slice) => slice.events);
  return events.flatMap((event) => {
    const moved = MovedSchema.safeParse(event);
    return moved.success ? moved.data.was.map(({ epoch, lane, seq }) => ({ hubId: row.id, epoch, lane, seq })) : [];
  });
}
