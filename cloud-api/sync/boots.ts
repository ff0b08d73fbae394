import { and, inArray, type SQL, sql } from 'drizzle-orm';
import { inCalendar } from '../calendar.js';
import type { Tx } from '../database/database.js';
import { unnested } from '../database/unnested.js';
import { MOST_DRIFT, type Pair } from './event-time.js';
import { hubBoot } from './tables.js';
import type { Visit } from './visit.js';

const MS_PER_S = 1000;

/** The pairs of clocks by which the events of these visits get their time, by hub: those told now and those known. */
export async function clockPairs(tx: Tx, visits: readonly Visit[]): Promise<Map<string, Pair[]>> {
  const known = await tx
    .select()
    .from(hubBoot)
    .where(
      and(
        inArray(
          hubBoot.hubId,
          visits.map(({ row }) => row.id),
        ),
        inArray(hubBoot.boot, [...new Set(visits.flatMap(bootsOf))]),
      ),
    );
  return new Map(
    visits.map((visit) => {
      const stored = known.filter(({ hubId }) => hubId === visit.row.id).flatMap(storedPairs);
      return [visit.row.id, [...stored, arrivalOf(visit), ...toldPairs(visit)]];
    }),
  );
}

/**
 * Keeps of the current boot of each hub the arrival of the request that was quickest, as far as its clock may have
 * drifted since, and the comparison of clocks that says most.
 */
export async function keepClockPairs(tx: Tx, visits: readonly Visit[]): Promise<void> {
  const source = unnested('told', visits.map(keptOf), {
    hub_id: ['uuid', ({ hubId }) => hubId],
    boot: ['uuid', ({ boot }) => boot],
    mono_ms: ['float8', ({ monoMs }) => monoMs],
    server_at: ['timestamptz', ({ serverAt }) => serverAt],
    low_mono_ms: ['float8', ({ lowMonoMs }) => lowMonoMs],
    low_at: ['timestamptz', ({ lowAt }) => lowAt],
  });
  const names = sql`hub_id, boot, mono_ms, server_at, low_mono_ms, low_at`;
  const since = (column: string, mono: string, drift: number) =>
    sql.raw(`extract(epoch from excluded.${column}) - extract(epoch from hub_boot.${column})
      - (excluded.${mono} - hub_boot.${mono}) * ${(1 + drift) / MS_PER_S}`);
  const isQuicker = sql`(hub_boot.mono_ms < excluded.mono_ms and ${since('server_at', 'mono_ms', MOST_DRIFT)} <= 0)`;
  const saysMore = sql`(excluded.low_at is not null and (hub_boot.low_at is null or (
    hub_boot.low_mono_ms < excluded.low_mono_ms and ${since('low_at', 'low_mono_ms', -MOST_DRIFT)} >= 0)))`;
  const chosen = (isNew: SQL, column: string) =>
    sql`${sql.raw(column)} = case when ${isNew} then ${sql.raw(`excluded.${column}`)} else ${sql.raw(`hub_boot.${column}`)} end`;
  await tx.execute(sql`insert into hub_boot (${names}) select ${names} from ${source}
    on conflict (hub_id, boot) do update set ${chosen(isQuicker, 'mono_ms')}, ${chosen(isQuicker, 'server_at')},
      ${chosen(saysMore, 'low_mono_ms')}, ${chosen(saysMore, 'low_at')}
    where ${isQuicker} or ${saysMore}`);
}

function bootsOf({ job: { input }, lanes }: Visit): string[] {
  const ofEvents = lanes.flatMap(({ verdicts }) =>
    verdicts.flatMap((verdict) => (verdict.kind === 'event' ? [verdict.event.boot.toLowerCase()] : [])),
  );
  return [input.boot, ...ofEvents, ...lanes.flatMap(({ before }) => before.lastBoot ?? [])];
}

function storedPairs({ boot, monoMs, serverAt, lowMonoMs, lowAt }: typeof hubBoot.$inferSelect): Pair[] {
  const arrival = { boot, monoMs, loMs: -Infinity, hiMs: serverAt.getTime() };
  if (lowMonoMs === null || lowAt === null) return [arrival];
  return [arrival, { boot, monoMs: lowMonoMs, loMs: lowAt.getTime(), hiMs: Infinity }];
}

/** When the request had arrived, its boot had gone on for at least so long. */
function arrivalOf({ job: { input, receivedAtMs } }: Visit): Pair {
  return { boot: input.boot.toLowerCase(), monoMs: input.monoNow, loMs: -Infinity, hiMs: receivedAtMs };
}

/** We looked at our clock while the hub waited for the answer. */
function toldPairs({ job: { input, receivedAtMs } }: Visit): Pair[] {
  return (input.anchors ?? []).map(({ boot, mono, at, rttMs }) => {
    const atMs = Math.min(inCalendar(Date.parse(at)).getTime(), receivedAtMs);
    return { boot: boot.toLowerCase(), monoMs: mono, loMs: atMs - rttMs, hiMs: atMs };
  });
}

function keptOf(visit: Visit) {
  const { monoMs, hiMs, boot } = arrivalOf(visit);
  const own = toldPairs(visit).filter((pair) => pair.boot === boot);
  const [best] = own.sort((a, b) => b.loMs - b.monoMs - (a.loMs - a.monoMs));
  const kept = { hubId: visit.row.id, boot, monoMs, serverAt: inCalendar(hiMs) };
  return { ...kept, lowMonoMs: best?.monoMs ?? null, lowAt: best === undefined ? null : inCalendar(best.loMs) };
}
