import { and, desc, eq, ne } from 'drizzle-orm';
import type { SyncEvent, SyncRequest } from '../../contract/index.js';
import { inCalendar } from '../calendar.js';
import type { Tx } from '../database/database.js';
import { hubBoot } from './tables.js';

/** Between which two instants of our clock an event happened. */
export type EventTime = { tsLo: Date; tsHi: Date };

/**
 * Places events in our time. Within a boot whose monotonic clock was paired with ours, exactly; within another, by a
 * trusted wall clock, else between the last instant known before this boot and its start. Source: sync protocol, section 5.
 */
export async function eventClock(
  tx: Tx,
  { hubId, request, now, bornAt }: { hubId: string; request: SyncRequestTime; now: Date; bornAt: Date },
): Promise<(event: SyncEvent) => EventTime> {
  const boot = request.boot;
  const pair = { monoMs: request.monoNow, serverAt: now };
  await tx
    .insert(hubBoot)
    .values({ hubId, boot, ...pair })
    .onConflictDoUpdate({ target: [hubBoot.hubId, hubBoot.boot], set: pair });
  const earlier = await tx
    .select()
    .from(hubBoot)
    .where(and(eq(hubBoot.hubId, hubId), ne(hubBoot.boot, boot)))
    .orderBy(desc(hubBoot.serverAt))
    .limit(KEPT_BOOTS);
  const anchors = new Map([[boot, pair], ...earlier.map((row) => [row.boot, row] as const)]);
  const startedAt = inCalendar(now.getTime() - request.monoNow);
  const lastKnown = earlier[0]?.serverAt ?? bornAt;
  return ({ boot: of, mono, wall, wq }) => {
    const anchor = anchors.get(of);
    if (anchor !== undefined) return exactly(inCalendar(anchor.serverAt.getTime() - (anchor.monoMs - mono)));
    if (wq === TRUSTED) return exactly(inCalendar(Date.parse(wall)));
    return { tsLo: new Date(Math.min(lastKnown.getTime(), startedAt.getTime())), tsHi: startedAt };
  };
}

type SyncRequestTime = Pick<SyncRequest, 'boot' | 'monoNow'>;

const KEPT_BOOTS = 64;
const TRUSTED = 2;

function exactly(at: Date): EventTime {
  return { tsLo: at, tsHi: at };
}
