import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Gap } from '../../contract/index.js';
import { isFork, planLane, type Slice } from './lane-plan.js';

const ID = '01900000-0000-7000-8000-000000000001';
const OTHER = '01900000-0000-7000-8000-000000000002';

function slice(first: number, length: number, lastId = ID): Slice {
  return { lane: 0, first, lastId, events: Array.from({ length }, (_, index) => first + index) };
}

function gap(from: number, to: number): Gap {
  return { lane: 0, from, to, reason: 'quota', rows: to - from + 1, bytes: 0, firstAt: null, lastAt: null };
}

const at = (hwm: number, hwmId: string | null = null) => ({ hwm, hwmId });

describe('the plan of a lane', () => {
  test('new events are taken, known ones skipped', () => {
    expect(planLane(at(3), [slice(2, 4)], [])).toEqual({
      ok: true,
      cursor: at(5, ID),
      events: [
        { seq: 4, event: 4 },
        { seq: 5, event: 5 },
      ],
      gaps: [],
    });
  });

  test('a number that nobody accounts for refuses the lane', () => {
    expect(planLane(at(3), [slice(5, 1)], [])).toEqual({ ok: false });
    expect(planLane(at(0), [slice(1, 2), slice(4, 1)], [])).toEqual({ ok: false });
  });

  test('a gap is trimmed to what is not covered, and bridges slices', () => {
    expect(planLane(at(3), [slice(6, 1)], [gap(2, 5)])).toMatchObject({
      ok: true,
      cursor: at(6, ID),
      gaps: [{ from: 4, to: 5 }],
    });
  });

  test('after a gap there is no event to compare with', () => {
    expect(planLane(at(1, ID), [], [gap(2, 4)])).toMatchObject({ cursor: at(4, null) });
  });

  test('whatever overlaps, each number above the mark is covered once and none is left out', () => {
    const pieces = fc.array(
      fc.record({ from: fc.integer({ min: 1, max: 20 }), length: fc.integer({ min: 1, max: 8 }), isGap: fc.boolean() }),
    );
    fc.assert(
      fc.property(fc.nat(20), pieces, (hwm, list) => {
        const plan = planLane(
          at(hwm),
          list.filter(({ isGap }) => !isGap).map(({ from, length }) => slice(from, length)),
          list.filter(({ isGap }) => isGap).map(({ from, length }) => gap(from, from + length - 1)),
        );
        if (!plan.ok) return;
        const covered = [
          ...plan.events.map(({ seq }) => seq),
          ...plan.gaps.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, index) => from + index)),
        ].sort((a, b) => a - b);
        expect(covered).toEqual(Array.from({ length: plan.cursor.hwm - hwm }, (_, index) => hwm + 1 + index));
        for (const { seq, event } of plan.events) expect(event).toBe(seq);
      }),
    );
  });
});

describe('a fork', () => {
  test.each([
    ['the hub remembers another last event', { seq: 3, id: OTHER }, [], true],
    ['the hub remembers the same, in capitals', { seq: 3, id: ID.toUpperCase() }, [], false],
    ['the hub is behind', { seq: 2, id: OTHER }, [], false],
    ['the hub does not know the id', { seq: 3, id: null }, [], false],
    ['a slice ends here with another event', undefined, [slice(2, 2, OTHER)], true],
    ['a slice goes on from here', undefined, [slice(2, 3, OTHER)], false],
    ['a slice goes on from another event here', undefined, [{ ...slice(3, 2), events: [{ id: OTHER }, {}] }], true],
    ['a slice goes on from this event', undefined, [{ ...slice(3, 2), events: [{ id: ID }, {}] }], false],
  ] as const)('%s', (_what, after, slices, expected) => {
    expect(isFork(at(3, ID), after, slices)).toBe(expected);
  });
});
