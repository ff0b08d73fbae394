import { describe, expect, test } from 'vitest';
import { type LaneTime, type Pair, placeEvents } from './event-time.js';

const A = '01900000-0000-7000-8000-00000000000a';
const B = '01900000-0000-7000-8000-00000000000b';
const C = '01900000-0000-7000-8000-00000000000c';
const NOW = 1_000_000;

function pair(boot: string, monoMs: number, atMs: number, errorMs = 0): Pair {
  return { boot, monoMs, atMs, errorMs };
}

function happened(boot: string, mono: number, change: { wall?: number; wq?: 0 | 1 | 2 } = {}) {
  return { boot, mono, wall: new Date(change.wall ?? 0).toISOString(), wq: change.wq ?? 0 };
}

/** Sent in boot C, which began at 900 s. */
function place(events: ReturnType<typeof happened>[], change: Partial<LaneTime> = {}) {
  const time: LaneTime = {
    pairs: [pair(C, 100_000, NOW)],
    boot: C,
    before: { lastBoot: null, lastLo: null },
    bornAt: new Date(1000),
    receivedAtMs: NOW,
    ...change,
  };
  return placeEvents(events, time).map(({ tsLo, tsHi }) => [tsLo.getTime(), tsHi.getTime()]);
}

describe('the time of an event', () => {
  test('within the boot that sends it stands by its distance from now', () => {
    expect(place([happened(C, 40_000)])).toEqual([[940_000, 940_000]]);
  });

  test('within another boot it stands by the nearest pair of clocks, as exactly as that was taken', () => {
    const pairs = [pair(C, 100_000, NOW), pair(A, 10_000, 500_000, 80), pair(A, 90_000, 580_500, 20)];
    expect(place([happened(A, 20_000), happened(A, 80_000)], { pairs })).toEqual([
      [509_920, 510_080],
      [570_480, 570_520],
    ]);
  });

  test('without a pair it lies between what came before it in the lane and the next boot that is known', () => {
    const pairs = [pair(C, 100_000, NOW), pair(A, 10_000, 500_000)];
    const events = [happened(A, 5_000), happened(B, 1), happened(B, 2), happened(C, 1_000)];
    expect(place(events, { pairs })).toEqual([
      [495_000, 495_000],
      [500_000, 900_000],
      [500_000, 900_000],
      [901_000, 901_000],
    ]);
  });

  test('before a boot that is known it is not said to be after it', () => {
    const pairs = [pair(C, 100_000, NOW), pair(A, 10_000, 500_000)];
    expect(place([happened(B, 1), happened(A, 0)], { pairs })).toEqual([
      [1000, 490_000],
      [490_000, 490_000],
    ]);
  });

  test('what was stored of the lane before counts, however many requests ago', () => {
    const pairs = [pair(C, 100_000, NOW), pair(A, 10_000, 500_000)];
    const following = (lastBoot: string, lastLo: number) =>
      place([happened(B, 1)], { pairs, before: { lastBoot, lastLo: new Date(lastLo) } });
    expect(following(A, 400_000)).toEqual([[500_000, 900_000]]);
    expect(following(B, 500_000)).toEqual([[500_000, 900_000]]);
  });

  test('a wall clock is believed if it was set within a day, and is not ahead of ours', () => {
    const told = (wall: number, wq: 0 | 1 | 2) => place([happened(B, 1, { wall, wq })]);
    expect(told(700_000, 2)).toEqual([[700_000, 700_000]]);
    expect(told(700_000, 1)).toEqual([[1000, 900_000]]);
    expect(told(9_000_000, 2)).toEqual([[1000, 900_000]]);
  });

  test('nothing happens after it was received, whatever its clock says', () => {
    expect(place([happened(C, 1e300), happened(B, 1)])).toEqual([
      [NOW, NOW],
      [900_000, 900_000],
    ]);
  });
});
