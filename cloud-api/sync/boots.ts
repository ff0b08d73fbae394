import { and, inArray, sql } from 'drizzle-orm';
import { inCalendar } from '../calendar.js';
import type { Tx } from '../database/database.js';
import { unnested } from '../database/unnested.js';
import type { Pair } from './event-time.js';
import { hubBoot } from './tables.js';
import type { Visit } from './visit.js';

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
      const stored = known
        .filter(({ hubId }) => hubId === visit.row.id)
        .map(({ boot, monoMs, serverAt }) => ({ boot, monoMs, atMs: serverAt.getTime(), errorMs: 0 }));
      return [visit.row.id, [...stored, ...toldPairs(visit, stored)]];
    }),
  );
}

/** Keeps the pair of the current boot of each hub; one of a request that was long on its way replaces no later one. */
export async function keepClockPairs(tx: Tx, visits: readonly Visit[]): Promise<void> {
  const rows = visits.map(({ row, job }) => ({
    hubId: row.id,
    boot: job.input.boot,
    monoMs: job.input.monoNow,
    serverAt: inCalendar(job.receivedAtMs),
  }));
  const source = unnested('told', rows, {
    hub_id: ['uuid', ({ hubId }) => hubId],
    boot: ['uuid', ({ boot }) => boot],
    mono_ms: ['float8', ({ monoMs }) => monoMs],
    server_at: ['timestamptz', ({ serverAt }) => serverAt],
  });
  await tx.execute(sql`insert into hub_boot (hub_id, boot, mono_ms, server_at)
    select hub_id, boot, mono_ms, server_at from ${source}
    on conflict (hub_id, boot) do update set mono_ms = excluded.mono_ms, server_at = excluded.server_at
    where hub_boot.mono_ms < excluded.mono_ms`);
}

function bootsOf({ job: { input }, lanes }: Visit): string[] {
  const ofEvents = lanes.flatMap(({ verdicts }) =>
    verdicts.flatMap((verdict) => (verdict.kind === 'event' ? [verdict.event.boot.toLowerCase()] : [])),
  );
  return [input.boot, ...ofEvents, ...lanes.flatMap(({ before }) => before.lastBoot ?? [])];
}

function toldPairs({ job: { input, receivedAtMs } }: Visit, stored: readonly Pair[]): Pair[] {
  const later = stored.find(({ boot }) => boot === input.boot.toLowerCase());
  // A later request was here before: this one was on its way for longer than anybody knows.
  const own =
    later !== undefined && later.monoMs > input.monoNow
      ? []
      : [{ boot: input.boot, monoMs: input.monoNow, atMs: receivedAtMs, errorMs: 0 }];
  const anchors = (input.anchors ?? []).map(({ boot, mono, at, rttMs }) => ({
    ...{ boot, monoMs: mono, errorMs: rttMs },
    atMs: Math.min(inCalendar(Date.parse(at)).getTime(), receivedAtMs),
  }));
  return [...own, ...anchors].map((pair) => ({ ...pair, boot: pair.boot.toLowerCase() }));
}
