import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Delivery } from '../command/delivery.js';
import { queryRows, type Tx } from '../database/database.js';
import { unnested } from '../database/unnested.js';
import type { PresentationPort } from './presentation-port.js';
import type { Visit } from './visit.js';

export type DownParts = {
  delivery: Pick<Delivery, 'noteReceived' | 'offer' | 'finalUpto'>;
  presentations: Pick<PresentationPort, 'commandsChanged'>;
};

type Place = z.infer<typeof PlaceSchema>;
type Served = { visit: Visit; downAcked: number };

const PlaceSchema = z.object({ id: z.string(), downNext: z.coerce.number(), isBusy: z.boolean() });

const NextSchema = PlaceSchema.pick({ downNext: true });
/** A hub that says more than this has counted nothing. */
const HIGHEST_COUNT = 2 ** 48;

/** Gives each hub what waits for it, and notes how far it has received. */
export async function offerDown(tx: Tx, parts: DownParts, visits: readonly Visit[], gen: string): Promise<void> {
  if (visits.length === 0) return;
  const places = await placesOf(tx, visits);
  const served: Served[] = [];
  for (const visit of visits) {
    const place = places.find(({ id }) => id === visit.row.id);
    if (place === undefined) continue;
    if (isBehind(visit, place, gen)) place.downNext = await countOn(tx, visit);
    served.push({ visit, downAcked: await serve(tx, parts, { visit, place, gen }) });
  }
  await noteSeen(tx, served);
}

/** How far the commands of hubs count, and whether any is not over yet: most of the time there is nothing to do. */
function placesOf(tx: Tx, visits: readonly Visit[]): Promise<Place[]> {
  const ids = sql.param(visits.map(({ row }) => row.id));
  return queryRows(
    tx,
    PlaceSchema,
    sql`select hub.id, hub.down_next as "downNext", exists (
          select from command where command.hub_id = hub.id and command.state in ('QUEUED', 'OFFERED', 'RECEIVED')
        ) as "isBusy"
        from hub where hub.id = any(${ids}::uuid[])`,
  );
}

/** Whether the hub has commands of this very incarnation that were lost here: its next ones may not have their numbers. */
function isBehind({ job: { input } }: Visit, { downNext }: Place, gen: string): boolean {
  return input.downGen === gen && input.downAcked >= downNext && input.downAcked <= HIGHEST_COUNT;
}

/** Numbers what was not received yet above all that the hub knows, and says which number is the next. */
async function countOn(tx: Tx, { row, job }: Visit): Promise<number> {
  const { downAcked } = job.input;
  const [next] = await queryRows(
    tx,
    NextSchema,
    sql`with waiting as (
        select id, row_number() over (order by down_seq) as place from command
        where hub_id = ${row.id} and state in ('QUEUED', 'OFFERED')
      ), moved as (
        update command set down_seq = ${downAcked}::bigint + place from waiting where command.id = waiting.id
      ) update hub set down_next = ${downAcked}::bigint + 1 + (select count(*) from waiting)
        where id = ${row.id} returning down_next as "downNext"`,
  );
  return NextSchema.parse(next).downNext;
}

async function serve(
  tx: Tx,
  { delivery, presentations }: DownParts,
  { visit, place, gen }: { visit: Visit; place: Place; gen: string },
): Promise<number> {
  const { id: hubId, householdId } = visit.row;
  const { downGen, downAcked: told, want } = visit.job.input;
  const { reply } = visit;
  // A cursor of another incarnation counts other commands: it says nothing here.
  const downAcked = downGen === gen ? Math.min(told, place.downNext - 1) : 0;
  Object.assign(reply, { downNext: place.downNext, finalUpto: downAcked });
  if (!place.isBusy && downAcked === place.downNext - 1) return downAcked;
  const received = await delivery.noteReceived(tx, hubId, downAcked);
  const { down, changes } = await delivery.offer(tx, { hubId, gen, cursor: downAcked, limit: want.down });
  const all = [...received, ...changes];
  if (all.length > 0) await presentations.commandsChanged(tx, { hubId, householdId }, all);
  Object.assign(reply, { down, finalUpto: await delivery.finalUpto(tx, hubId, downAcked) });
  return downAcked;
}

async function noteSeen(tx: Tx, served: readonly Served[]): Promise<void> {
  if (served.length === 0) return;
  const source = unnested('seen', served, {
    id: ['uuid', ({ visit }) => visit.row.id],
    down_acked: ['bigint', ({ downAcked }) => downAcked],
    at: ['timestamptz', ({ visit }) => visit.reply.now],
  });
  await tx.execute(
    sql`update hub set down_acked = seen.down_acked, last_seen_at = seen.at from ${source} where hub.id = seen.id`,
  );
}
