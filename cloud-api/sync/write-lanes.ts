import { type SQL, sql } from 'drizzle-orm';
import { inCalendar } from '../calendar.js';
import type { Tx } from '../database/database.js';
import { type Columns, jsonOrNull, unnested } from '../database/unnested.js';
import { type EventTime, type Pair, placeEvents } from './event-time.js';
import type { LaneWork, Mark, Verdict, Visit } from './visit.js';

type StreamPlace = { hubId: string; epoch: string; lane: number };
type Place = StreamPlace & { householdId: string | null };
type EventRow = Place & EventTime & { verdict: Extract<Verdict, { kind: 'event' }> };
type DeadRow = Place & { verdict: Extract<Verdict, { kind: 'dead' }> };
type GapRow = Place & { gap: LaneWork['gaps'][number] };
type StreamRow = StreamPlace & { mark: Mark };

const STREAM_PLACE = {
  hub_id: ['uuid', ({ hubId }) => hubId],
  epoch: ['text', ({ epoch }) => epoch],
  lane: ['int', ({ lane }) => lane],
} as const satisfies Columns<StreamPlace>;

const PLACE = {
  ...STREAM_PLACE,
  household_id: ['uuid', ({ householdId }) => householdId],
} as const satisfies Columns<Place>;

const EVENT = {
  ...PLACE,
  seq: ['bigint', ({ verdict }) => verdict.seq],
  id: ['uuid', ({ verdict }) => verdict.event.id ?? null],
  type: ['text', ({ verdict }) => verdict.event.type],
  tv: ['int', ({ verdict }) => verdict.event.tv],
  known: ['boolean', ({ verdict }) => verdict.news !== undefined],
  ts_lo: ['timestamptz', ({ tsLo }) => tsLo],
  ts_hi: ['timestamptz', ({ tsHi }) => tsHi],
  body: ['json', ({ verdict }) => jsonOrNull(verdict.event.body)],
} as const satisfies Columns<EventRow>;

const DEAD = {
  ...PLACE,
  seq: ['bigint', ({ verdict }) => verdict.seq],
  reason: ['text', ({ verdict }) => verdict.reason],
  raw: ['json', ({ verdict }) => jsonOrNull(verdict.raw) ?? 'null'],
} as const satisfies Columns<DeadRow>;

const GAP = {
  ...PLACE,
  from_seq: ['bigint', ({ gap }) => gap.from],
  to_seq: ['bigint', ({ gap }) => gap.to],
  reason: ['text', ({ gap }) => gap.reason],
  rows: ['bigint', ({ gap }) => gap.rows],
  bytes: ['bigint', ({ gap }) => gap.bytes],
  first_at: ['timestamptz', ({ gap }) => momentOf(gap.firstAt)],
  last_at: ['timestamptz', ({ gap }) => momentOf(gap.lastAt)],
} as const satisfies Columns<GapRow>;

const STREAM = {
  ...STREAM_PLACE,
  hwm: ['bigint', ({ mark }) => mark.hwm],
  hwm_id: ['uuid', ({ mark }) => mark.hwmId],
  last_boot: ['uuid', ({ mark }) => mark.lastBoot],
  last_lo: ['timestamptz', ({ mark }) => mark.lastLo],
} as const satisfies Columns<StreamRow>;

/** Writes what the requests of many hubs bring about in their lanes, one statement for each table. */
export async function writeLanes(
  tx: Tx,
  visits: readonly Visit[],
  { pairs, now }: { pairs: ReadonlyMap<string, readonly Pair[]>; now: Date },
): Promise<void> {
  const works = visits.flatMap((visit) => visit.lanes.map((work) => ({ visit, work })));
  const events = works.flatMap(({ visit, work }) => eventRows(visit, work, pairs.get(visit.row.id) ?? []));
  const dead = works.flatMap(({ visit, work }) =>
    work.verdicts.flatMap((verdict) => (verdict.kind === 'dead' ? [{ ...placeOf(visit, work), verdict }] : [])),
  );
  const gaps = works.flatMap(({ visit, work }) =>
    work.gaps.map((gap) => ({ ...placeOf(visit, work), epoch: gap.epoch, lane: gap.lane, gap })),
  );
  await insertAll(tx, 'event', events, EVENT, now);
  await insertAll(tx, 'dead', dead, DEAD, now);
  await insertAll(tx, 'gap', gaps, GAP, now);
  await moveStreams(
    tx,
    works.flatMap(({ visit, work }) => streamRows(visit, work)),
    now,
  );
}

function placeOf({ row, job }: Visit, { lane }: LaneWork): Place {
  return { hubId: row.id, householdId: row.householdId, epoch: job.input.epoch, lane };
}

/** Gives events their times, and notes in the mark of the lane where its last one stands. */
function eventRows(visit: Visit, work: LaneWork, pairs: readonly Pair[]): EventRow[] {
  const taken = work.verdicts.flatMap((verdict) => (verdict.kind === 'event' ? [verdict] : []));
  const { job, row } = visit;
  const { boot } = job.input;
  const time = { pairs, boot, before: work.before, bornAt: row.createdAt, receivedAtMs: job.receivedAtMs };
  const times = placeEvents(
    taken.map(({ event }) => event),
    time,
  );
  const place = placeOf(visit, work);
  const rows = taken.flatMap((verdict, index) => {
    const at = times[index];
    return at === undefined ? [] : [{ ...place, ...at, verdict }];
  });
  const last = rows.at(-1);
  if (last !== undefined) work.after = { ...work.after, lastBoot: last.verdict.event.boot, lastLo: last.tsLo };
  return rows;
}

function streamRows(visit: Visit, work: LaneWork): StreamRow[] {
  const { hubId, epoch, lane } = placeOf(visit, work);
  const own = work.after.hwm > work.before.hwm ? [{ hubId, epoch, lane, mark: work.after }] : [];
  const others = work.gaps.flatMap((gap) => {
    const mark = { hwm: gap.to, hwmId: null, lastBoot: null, lastLo: null };
    return gap.epoch === epoch ? [] : [{ hubId, epoch: gap.epoch, lane: gap.lane, mark }];
  });
  return [...own, ...others];
}

async function insertAll<Row>(
  tx: Tx,
  table: 'event' | 'dead' | 'gap',
  rows: readonly Row[],
  columns: Columns<Row>,
  now: Date,
): Promise<void> {
  if (rows.length === 0) return;
  const names = namesOf(columns);
  await tx.execute(sql`insert into ${sql.identifier(table)} (${names}, received_at)
    select ${names}, ${now.toISOString()}::timestamptz from ${unnested('arrived', rows, columns)}`);
}

/** A mark never falls, whoever writes it. */
async function moveStreams(tx: Tx, rows: readonly StreamRow[], now: Date): Promise<void> {
  if (rows.length === 0) return;
  const names = namesOf(STREAM);
  await tx.execute(sql`insert into stream (${names}, updated_at)
    select ${names}, ${now.toISOString()}::timestamptz from ${unnested('moved', rows, STREAM)}
    on conflict (hub_id, epoch, lane) do update set hwm = excluded.hwm, hwm_id = excluded.hwm_id,
      last_boot = excluded.last_boot, last_lo = excluded.last_lo, updated_at = excluded.updated_at
    where stream.hwm < excluded.hwm`);
}

function namesOf<Row>(columns: Columns<Row>): SQL {
  return sql.join(
    Object.keys(columns).map((name) => sql.identifier(name)),
    sql`, `,
  );
}

function momentOf(at: string | null): Date | null {
  return at === null ? null : inCalendar(Date.parse(at));
}
