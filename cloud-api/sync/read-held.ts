import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { queryRows, type Tx } from '../database/database.js';
import { type Columns, unnested } from '../database/unnested.js';
import { earlierPlaces, placeKey, type Was, type WasRange } from './held-events.js';
import { type Overlap, overlapOf } from './overlap.js';
import { type Asking, closedMark } from './visit.js';

type HubPlace = Was & { hubId: string };
type HubRange = WasRange & { hubId: string };

const STREAM = {
  hub_id: ['uuid', ({ hubId }) => hubId],
  epoch: ['text', ({ epoch }) => epoch],
  lane: ['int', ({ lane }) => lane],
} as const satisfies Columns<Omit<HubPlace, 'seq'>>;
const PLACE = { ...STREAM, seq: ['bigint', ({ seq }) => seq] } as const satisfies Columns<HubPlace>;
const RANGE = {
  ...STREAM,
  first: ['bigint', ({ from }) => from],
  last: ['bigint', ({ to }) => to],
} as const satisfies Columns<HubRange>;

const StreamSchema = z.object({ hubId: z.string(), epoch: z.string(), lane: z.number() });
const TextSchema = z.string().nullable();
const HeldRowSchema = StreamSchema.extend({
  seq: z.coerce.number(),
  known: z.object({ id: TextSchema, type: TextSchema }).nullable(),
  body: z.unknown(),
});
const UNREAD = { id: null, type: null, body: null };
const LetterSchema = z
  .object({ id: TextSchema.catch(null), type: TextSchema.catch(null), body: z.unknown() })
  .catch(UNREAD);
const HeldGapSchema = StreamSchema.extend({ from: z.coerce.number(), to: z.coerce.number(), reason: z.string() });
const HubSchema = z.object({ hubId: z.string() });

/**
 * Reads what is stored where events and gaps of these requests were in earlier epochs, and where the requests begin
 * below what is covered. Two copies of one card give the same numbers to different events: that a number is covered
 * does not say by which.
 */
export async function readHeld(tx: Tx, visits: readonly Asking[]): Promise<void> {
  const asked = visits.map((visit) => ({
    visit,
    // Above the mark nothing is stored, or was at another time.
    places: earlierPlaces(visit).filter((was) => was.seq <= closedMark(visit, was)),
    overlap: overlapOf(visit),
  }));
  const points = asked.flatMap(({ visit, places, overlap }) =>
    [...places, ...overlap.places].map((place) => ({ ...place, hubId: visit.row.id })),
  );
  const spans = asked.flatMap(({ visit, places, overlap }) =>
    envelopes([...rangesOf(visit), ...[...places, ...overlap.places].map(asRange)]).map((range) => {
      return { ...range, hubId: visit.row.id };
    }),
  );
  if (points.length > 0) await readEvents(tx, visits, points);
  if (spans.length > 0) await readGaps(tx, visits, spans);
  await readHidden(tx, asked);
}

async function readEvents(tx: Tx, visits: readonly Asking[], points: readonly HubPlace[]): Promise<void> {
  const earlier = unnested('earlier', points, PLACE);
  const names = sql`hub_id as "hubId", epoch, lane, seq`;
  // A letter that nobody could read is taken whole: a database stumbles over characters that may stand in it.
  const rows = await queryRows(
    tx,
    HeldRowSchema,
    sql`select ${names}, json_build_object('id', id, 'type', type) as known, body from event natural join ${earlier}
      union all select ${names}, null, raw from dead natural join ${earlier}`,
  );
  for (const { hubId, known, body, ...place } of rows) {
    const held = known === null ? LetterSchema.parse(body) : { ...known, body };
    visits.find(({ row }) => row.id === hubId)?.held.set(placeKey(place), held);
  }
}

async function readGaps(tx: Tx, visits: readonly Asking[], spans: readonly HubRange[]): Promise<void> {
  const rows = await queryRows(
    tx,
    HeldGapSchema,
    sql`select hub_id as "hubId", epoch, lane, from_seq as "from", to_seq as "to", reason
      from gap natural join ${unnested('span', spans, RANGE)} where from_seq <= last and to_seq >= first`,
  );
  for (const { hubId, ...gap } of rows) visits.find(({ row }) => row.id === hubId)?.heldGaps.push(gap);
}

/** Whether a gap that comes again hides something that is stored. */
async function readHidden(tx: Tx, asked: readonly { visit: Asking; overlap: Overlap }[]): Promise<void> {
  const ranges = asked.flatMap(({ visit, overlap }) =>
    overlap.gaps.map((range) => ({ ...range, hubId: visit.row.id })),
  );
  if (ranges.length === 0) return;
  const rows = await queryRows(
    tx,
    HubSchema,
    sql`select distinct hub_id as "hubId" from ${unnested('hidden', ranges, RANGE)} where exists (
      select from event where event.hub_id = hidden.hub_id and event.epoch = hidden.epoch
        and event.lane = hidden.lane and event.seq between first and last)`,
  );
  for (const { visit } of asked) visit.hidesEvents = rows.some(({ hubId }) => hubId === visit.row.id);
}

function rangesOf({ job }: Asking): WasRange[] {
  return job.input.gaps.flatMap(({ was }) => was ?? []);
}

function asRange({ seq, ...stream }: Was): WasRange {
  return { ...stream, from: seq, to: seq };
}

/** One range for each stream that holds all of it. */
function envelopes(ranges: readonly WasRange[]): WasRange[] {
  const whole = new Map<string, WasRange>();
  for (const { epoch, lane, from, to } of ranges) {
    const known = whole.get(`${epoch} ${lane}`) ?? { epoch, lane, from, to };
    const both = { from: Math.min(from, known.from), to: Math.max(to, known.to) };
    whole.set(`${epoch} ${lane}`, { epoch, lane, ...both });
  }
  return [...whole.values()];
}
