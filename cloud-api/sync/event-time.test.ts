import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type LaneTime, type Pair, placeEvents } from './event-time.js';

const A = '01900000-0000-7000-8000-00000000000a';
const B = '01900000-0000-7000-8000-00000000000b';
const C = '01900000-0000-7000-8000-00000000000c';
const NOW = 1_000_000;

/** That a boot's clock showed this at some time between these two. */
function pair(boot: string, monoMs: number, loMs: number, hiMs = loMs): Pair {
  return { boot, monoMs, loMs, hiMs };
}

/** A request that was received: nobody knows when it was sent. */
const arrived = (boot: string, monoMs: number, atMs: number) => pair(boot, monoMs, -Infinity, atMs);

function happened(boot: string, mono: number, change: { wall?: number; wq?: 0 | 1 | 2 } = {}) {
  return { boot, mono, wall: new Date(change.wall ?? 0).toISOString(), wq: change.wq ?? 0 };
}

/** Sent in boot C, which began at 900 s. */
function place(events: ReturnType<typeof happened>[], change: Partial<LaneTime> = {}) {
  const time: LaneTime = {
    pairs: [arrived(C, 100_000, NOW)],
    boot: C,
    before: { lastBoot: null, lastLo: null },
    bornAt: new Date(1000),
    receivedAtMs: NOW,
    ...change,
  };
  return placeEvents(events, time).map(({ tsLo, tsHi }) => [tsLo.getTime(), tsHi.getTime()]);
}

/** What two clocks may drift apart in a minute. */
const DRIFT_MS = 32;

describe('the time of an event', () => {
  test('within the boot that sends it is at most its distance from now, however long the request took', () => {
    expect(place([happened(C, 40_000)])).toEqual([[1000, 940_000 + DRIFT_MS]]);
  });

  test('is at least its distance from the moment at which that boot had compared its clock with ours', () => {
    const pairs = [arrived(C, 100_000, NOW), pair(C, 10_000, 905_000, 905_080)];
    expect(place([happened(C, 10_000), happened(C, 70_000)], { pairs })).toEqual([
      [904_998, 905_082],
      [965_000 - DRIFT_MS, 965_080 + DRIFT_MS],
    ]);
  });

  test('takes the tightest bounds of several comparisons', () => {
    const pairs = [arrived(C, 100_000, NOW), pair(A, 20_000, 509_920, 510_080), pair(A, 20_000, 509_950, 510_900)];
    expect(place([happened(A, 20_000)], { pairs })).toEqual([[509_948, 510_082]]);
  });

  test('without a comparison lies between what came before it in the lane and the next boot that is known', () => {
    const pairs = [arrived(C, 100_000, NOW), pair(A, 10_000, 500_000)];
    const events = [happened(A, 10_000), happened(B, 1), happened(B, 2), happened(C, 100_000)];
    const nextMs = 900_000 + 52;
    expect(place(events, { pairs })).toEqual([
      [499_998, 500_002],
      [500_000, nextMs],
      [500_000, nextMs],
      [500_000, NOW],
    ]);
  });

  test('of a boot before one that is known is not said to be after it began', () => {
    const pairs = [arrived(C, 100_000, NOW), pair(A, 0, 490_000)];
    expect(place([happened(B, 1), happened(A, 0)], { pairs })).toEqual([
      [1000, 490_002],
      [489_998, 490_002],
    ]);
  });

  test('is after what was stored of the lane before, however many requests ago', () => {
    const pairs = [arrived(C, 100_000, NOW), pair(A, 10_000, 500_000)];
    const following = (lastBoot: string, lastLo: number) =>
      place([happened(B, 1)], { pairs, before: { lastBoot, lastLo: new Date(lastLo) } })[0]?.[0];
    expect(following(A, 400_000)).toBe(500_000);
    expect(following(B, 500_000)).toBe(500_000);
    expect(place([happened(C, 50_000)], { before: { lastBoot: C, lastLo: new Date(930_000) } })[0]?.[0]).toBe(930_000);
  });

  test('is that of a wall clock within what it may be off, if it was set within a day and is not ahead of ours', () => {
    const told = (wall: number, wq: 0 | 1 | 2) => place([happened(B, 1, { wall, wq })])[0];
    expect(told(700_000, 2)).toEqual([690_000, 710_000]);
    expect(told(700_000, 1)).toEqual([1000, 900_052]);
    expect(told(9_000_000, 2)).toEqual([1000, 900_052]);
  });

  test('follows the comparison of clocks where the wall clock contradicts it', () => {
    const pairs = [pair(C, 100_000, 999_000, NOW)];
    expect(place([happened(C, 100_000, { wall: 500_000, wq: 2 })], { pairs })).toEqual([[998_998, NOW]]);
  });

  test('is not after it was received, whatever its clock says', () => {
    const pairs = [pair(C, 100_000, NOW)];
    expect(place([happened(C, 1e300)], { pairs })).toEqual([[NOW, NOW]]);
  });

  test('where our own clock went back lies between what it said before and after', () => {
    const before = { lastBoot: C, lastLo: new Date(960_000) };
    expect(place([happened(C, 40_000)], { before })).toEqual([[940_000 + DRIFT_MS, 960_000]]);
  });
});

test('an event happened within its interval, however long requests and replies were on their way', () => {
  const delays = fc.nat({ max: 600_000 });
  const step = fc.record({
    passedMs: fc.nat({ max: 400_000 }),
    act: fc.constantFrom('event', 'event', 'sync', 'restart'),
    thereMs: delays,
    backMs: delays,
    wallOffMs: fc.integer({ min: -9_999, max: 9_999 }),
    wq: fc.constantFrom(0 as const, 1 as const, 2 as const),
  });
  const world = {
    pace: fc.double({ min: -500e-6, max: 500e-6, noNaN: true }),
    steps: fc.array(step, { maxLength: 40 }),
  };
  fc.assert(
    fc.property(fc.record(world), ({ pace, steps }) => {
      for (const { atMs, lo, hi } of lifeOf(steps, pace)) {
        expect(lo).toBeLessThanOrEqual(atMs);
        expect(hi).toBeGreaterThanOrEqual(Math.floor(atMs));
      }
    }),
    { numRuns: 500 },
  );
});

type Step = {
  passedMs: number;
  act: 'event' | 'sync' | 'restart';
  thereMs: number;
  backMs: number;
  wallOffMs: number;
  wq: 0 | 1 | 2;
};

/** A hub lives through these steps; what the cloud says of each event that it got, beside when it happened. */
function lifeOf(steps: readonly Step[], pace: number): { atMs: number; lo: number; hi: number }[] {
  const bornMs = 1_000_000_000;
  let [atMs, boot, bootMs] = [bornMs, 0, bornMs];
  let before: LaneTime['before'] = { lastBoot: null, lastLo: null };
  let held: (ReturnType<typeof happened> & { atMs: number })[] = [];
  const pairs: Pair[] = [];
  const told: { atMs: number; lo: number; hi: number }[] = [];
  const monoAt = (ms: number) => Math.floor((ms - bootMs) * (1 + pace));
  for (const { passedMs, act, thereMs, backMs, wallOffMs, wq } of steps) {
    atMs += passedMs + 0.5;
    const name = `boot ${boot}`;
    const wall = wq === 2 ? atMs + wallOffMs : wallOffMs * 1e6;
    if (act === 'event') held.push({ ...happened(name, monoAt(atMs), { wall, wq }), atMs });
    if (act === 'restart') [boot, bootMs] = [boot + 1, atMs];
    if (act !== 'sync') continue;
    const [monoNow, sentMs] = [monoAt(atMs), atMs];
    const receivedAtMs = Math.floor(atMs + thereMs);
    atMs += thereMs + backMs;
    pairs.push(arrived(name, monoNow, receivedAtMs));
    const time = { pairs, boot: name, before, bornAt: new Date(bornMs), receivedAtMs };
    const times = placeEvents(held, time);
    for (const [index, { tsLo, tsHi }] of times.entries())
      told.push({ atMs: held[index]?.atMs ?? Number.NaN, lo: tsLo.getTime(), hi: tsHi.getTime() });
    before = { lastBoot: held.at(-1)?.boot ?? before.lastBoot, lastLo: times.at(-1)?.tsLo ?? before.lastLo };
    held = [];
    // The hub keeps the comparison, and tells it with what it sends next.
    pairs.push(pair(name, monoNow, receivedAtMs - (atMs - sentMs) * (1 + pace), receivedAtMs));
  }
  return told;
}
