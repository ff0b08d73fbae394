import type { SyncEvent } from '../../contract/index.js';
import { inCalendar } from '../calendar.js';

/** Between which two instants of our clock an event happened. */
export type EventTime = { tsLo: Date; tsHi: Date };

/**
 * A moment of a boot by its monotonic clock, and between which two instants of ours it was. The arrival of a request
 * says only the later one: nobody knows how long it was on its way.
 */
export type Pair = { boot: string; monoMs: number; loMs: number; hiMs: number };

/** What is known besides the events of a lane. */
export type LaneTime = {
  pairs: readonly Pair[];
  /** The boot that the hub sends from: everything in the lane happened in it or before it began. */
  boot: string;
  /** Of the event before these in the lane. */
  before: { lastBoot: string | null; lastLo: Date | null };
  /** Before that there was no hub. */
  bornAt: Date;
  receivedAtMs: number;
};

type Span = { loMs: number; hiMs: number };
type Timed = Pick<SyncEvent, 'boot' | 'mono' | 'wall' | 'wq'>;

const TRUSTED = 2;
const TOLERATED_MS = 60_000;
/** A hub trusts a clock that is up to 5 s off, and one that has moved by up to 5 s since. */
const WALL_SLACK_MS = 10_000;
/** How far the pace of a monotonic clock may be off: what the kernel corrects at most. Source: adjtimex(2), freq. */
export const MOST_DRIFT = 500e-6;
/** Both clocks are read in whole milliseconds. */
const ROUNDING_MS = 2;

/**
 * Between which two instants of our time the events of a lane happened, in their order: all that is known together, and
 * nothing that is not. A boot's monotonic clock counts from the pairs in which it was compared with ours, a wall clock
 * that was set within a day as far as it is trusted; what comes later in a lane happened later, and what is of another
 * boot before the next one began that is known to come after it. Source: sync protocol, section 5.
 */
export function placeEvents(events: readonly Timed[], time: LaneTime): EventTime[] {
  const boots = new Map<string, Pair[]>();
  for (const pair of time.pairs) boots.set(pair.boot, [...(boots.get(pair.boot) ?? []), pair]);
  const latest = latestStarts(events, boots, time);
  let { lastBoot } = time.before;
  let earliestMs = Math.max(time.bornAt.getTime(), time.before.lastLo?.getTime() ?? 0);
  return events.map((event, index) => {
    const boot = event.boot.toLowerCase();
    if (lastBoot !== null && lastBoot !== boot) earliestMs = Math.max(earliestMs, lastInstant(boots.get(lastBoot)));
    lastBoot = boot;
    const own = spanBy(boots.get(boot) ?? [], event.mono);
    const loMs = Math.min(Math.max(own.loMs, earliestMs), time.receivedAtMs);
    const hiMs = Math.min(own.hiMs, latest[index] ?? Infinity, time.receivedAtMs);
    const span = byWall(event, loMs <= hiMs ? { loMs, hiMs } : disputed(own, { loMs, hiMs }), time.receivedAtMs);
    earliestMs = span.loMs;
    return { tsLo: inCalendar(Math.floor(span.loMs)), tsHi: inCalendar(Math.ceil(span.hiMs)) };
  });
}

/** For each event the start of the first boot after its own, in the order of the lane, that is known in our time. */
function latestStarts(
  events: readonly Timed[],
  boots: ReadonlyMap<string, readonly Pair[]>,
  { boot: current, receivedAtMs }: LaneTime,
): number[] {
  let latestMs = receivedAtMs;
  let following = current.toLowerCase();
  const latest: number[] = [];
  for (const { boot } of events.toReversed()) {
    const own = boot.toLowerCase();
    if (own !== following) latestMs = Math.min(latestMs, spanBy(boots.get(following) ?? [], 0).hiMs);
    following = own;
    latest.unshift(latestMs);
  }
  return latest;
}

/** Between which two instants a boot's monotonic clock showed this. */
function spanBy(pairs: readonly Pair[], monoMs: number): Span {
  let [loMs, hiMs] = [-Infinity, Infinity];
  for (const pair of pairs) {
    const afterMs = monoMs - pair.monoMs;
    const driftMs = Math.abs(afterMs) * MOST_DRIFT + ROUNDING_MS;
    loMs = Math.max(loMs, pair.loMs + afterMs - driftMs);
    hiMs = Math.min(hiMs, pair.hiMs + afterMs + driftMs);
  }
  return { loMs, hiMs };
}

/** Where our own clock was set meanwhile, its bounds contradict each other: a comparison holds, else either may be true. */
function disputed(own: Span, { loMs, hiMs }: Span): Span {
  return own.loMs > -Infinity && own.loMs <= hiMs ? { loMs: own.loMs, hiMs } : { loMs: hiMs, hiMs: loMs };
}

/** What a trusted wall clock leaves of a span; nothing of one that contradicts it. */
function byWall({ wall, wq }: Timed, span: Span, receivedAtMs: number): Span {
  const wallMs = Date.parse(wall);
  // A clock that is ahead of ours was not set by anybody whom we trust.
  if (wq !== TRUSTED || wallMs > receivedAtMs + TOLERATED_MS) return span;
  const loMs = Math.max(span.loMs, wallMs - WALL_SLACK_MS);
  const hiMs = Math.min(span.hiMs, wallMs + WALL_SLACK_MS);
  return loMs <= hiMs ? { loMs, hiMs } : span;
}

/** So long a boot went on at least. */
function lastInstant(pairs: readonly Pair[] = []): number {
  return Math.max(...pairs.map(({ loMs }) => loMs));
}
