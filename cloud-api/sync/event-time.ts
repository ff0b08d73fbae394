import type { SyncEvent } from '../../contract/index.js';
import { inCalendar } from '../calendar.js';

/** Between which two instants of our clock an event happened. */
export type EventTime = { tsLo: Date; tsHi: Date };

/** A moment of a boot at which its monotonic clock and ours were compared, and how far off that may be. */
export type Pair = { boot: string; monoMs: number; atMs: number; errorMs: number };

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

type Timed = Pick<SyncEvent, 'boot' | 'mono' | 'wall' | 'wq'>;

const TRUSTED = 2;
const TOLERATED_MS = 60_000;

/**
 * Places the events of a lane, in their order, in our time. Within a boot whose monotonic clock was paired with ours,
 * by the nearest pair; in another, by a wall clock that was set within a day; else nobody knows more than that it was
 * after the last instant known of what came before it in the lane, and before the next boot began that is known to come
 * after it. Source: sync protocol, section 5.
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
    const [loMs, hiMs] = spanBy(boots.get(boot), event, time.receivedAtMs) ?? [earliestMs, latest[index] ?? Infinity];
    const placed = within(loMs, Math.min(hiMs, time.receivedAtMs));
    earliestMs = Math.max(earliestMs, placed.tsLo.getTime());
    return placed;
  });
}

/** For each event the start of the first boot after its own, in the order of the lane, that is known in our time. */
function latestStarts(
  events: readonly Timed[],
  boots: ReadonlyMap<string, readonly Pair[]>,
  { boot: current, receivedAtMs }: LaneTime,
): number[] {
  let latestMs = Math.min(receivedAtMs, startOf(boots.get(current.toLowerCase())));
  let following = current.toLowerCase();
  const latest: number[] = [];
  for (const { boot } of events.toReversed()) {
    const own = boot.toLowerCase();
    if (own !== following) latestMs = Math.min(latestMs, startOf(boots.get(following)));
    following = own;
    latest.unshift(latestMs);
  }
  return latest;
}

function spanBy(
  pairs: readonly Pair[] | undefined,
  { mono, wall, wq }: Timed,
  receivedAtMs: number,
): [loMs: number, hiMs: number] | undefined {
  const [nearest] = [...(pairs ?? [])].sort((a, b) => Math.abs(a.monoMs - mono) - Math.abs(b.monoMs - mono));
  if (nearest !== undefined) {
    const atMs = nearest.atMs - (nearest.monoMs - mono);
    return [atMs - nearest.errorMs, atMs + nearest.errorMs];
  }
  const wallMs = Date.parse(wall);
  // A clock that is ahead of ours was not set by anybody whom we trust.
  return wq === TRUSTED && wallMs <= receivedAtMs + TOLERATED_MS ? [wallMs, wallMs] : undefined;
}

function startOf(pairs: readonly Pair[] = []): number {
  return Math.min(...pairs.map(({ atMs, monoMs, errorMs }) => atMs - monoMs + errorMs));
}

function lastInstant(pairs: readonly Pair[] = []): number {
  return Math.max(...pairs.map(({ atMs, errorMs }) => atMs - errorMs));
}

/** Two clocks may contradict each other: then the later bound holds. */
function within(loMs: number, hiMs: number): EventTime {
  return { tsLo: inCalendar(Math.min(loMs, hiMs)), tsHi: inCalendar(hiMs) };
}
