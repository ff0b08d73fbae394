import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { SyncEvent } from '../../contract/index.js';
import { queryRows, type Tx } from '../database/database.js';
import { type Columns, unnested } from '../database/unnested.js';
import { closedMark, type HubRow, type Visit } from './visit.js';

/** A place in a stream. */
export type Was = { epoch: string; lane: number; seq: number };

/** What is stored at a place. */
export type HeldEvent = { id: string | null; type: string | null; body: unknown };

/** A visit, as far as it matters here. */
type Asking = Pick<Visit, 'marks' | 'held'> & {
  row: Pick<HubRow, 'id'>;
  job: { input: Pick<Visit['job']['input'], 'epoch' | 'logs'> };
};

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
  isDead: z.boolean(),
  id: z.string().nullable(),
  type: z.string().nullable(),
  content: z.unknown().describe('the body of an event, the whole of a dead letter'),
});

const MovedSchema = z.looseObject({
  was: z.array(z.looseObject({ epoch: z.string(), lane: z.int(), seq: z.int() })).max(16),
});

/** A dead letter may be anything. */
const LetterSchema = z.looseObject({
  id: z.string().nullable().catch(null),
  type: z.string().nullable().catch(null),
  body: z.unknown(),
});

export function placeKey({ epoch, lane, seq }: Was): string {
  return `${epoch} ${lane} ${seq}`;
}

/**
 * Reads what is stored at the earlier places of events that were moved into a new epoch, where these are covered. Two
 * copies of one card give the same numbers to different events: that a number is covered does not say by which.
 */
export async function readHeldEvents(tx: Tx, visits: readonly Asking[]): Promise<void> {
  const places = visits.flatMap(earlierPlaces);
  if (places.length === 0) return;
  const earlier = unnested('earlier', places, PLACE);
  const names = sql`hub_id as "hubId", epoch, lane, seq`;
  // A dead letter is taken apart here: PostgreSQL reads no field that holds a zero character out of JSON.
  const rows = await queryRows(
    tx,
    HeldRowSchema,
    sql`select ${names}, false as "isDead", id::text as id, type, body as content from event natural join ${earlier}
      union all select ${names}, true, null, null, raw from dead natural join ${earlier}`,
  );
  for (const { hubId, isDead, id, type, content, ...place } of rows) {
    const held = isDead ? letterOf(content) : { id, type, body: content };
    visits.find(({ row }) => row.id === hubId)?.held.set(placeKey(place), held);
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

function letterOf(raw: unknown): HeldEvent {
  return LetterSchema.safeParse(raw).data ?? { id: null, type: null, body: null };
}

function earlierPlaces({ row, job, marks }: Asking): HubPlace[] {
  const events = job.input.logs.flatMap((slice) => slice.events);
  return events.flatMap((event) => {
    const moved = MovedSchema.safeParse(event);
    if (!moved.success) return [];
    return moved.data.was
      .filter((was) => was.seq <= closedMark({ job, marks }, was))
      .map(({ epoch, lane, seq }) => ({ hubId: row.id, epoch, lane, seq }));
  });
}
