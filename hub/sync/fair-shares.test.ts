import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SYNC_WINDOW } from '../../contract/index.js';
import { creditAfter, LANE_WEIGHTS, type Room, type SharingLane, shareRoom } from './fair-shares.js';

const LANES = [1, 2, 3] as const satisfies readonly SharingLane[];
const ENDLESS = 1_000_000;

/** Lanes of events of one size each, sent request by request. */
class Backlog {
  readonly sent = { 1: 0, 2: 0, 3: 0 };
  readonly #rows: Record<SharingLane, number>;
  readonly #eventBytes: Record<SharingLane, number>;
  #credits = new Map<SharingLane, number>();

  constructor(rows: Record<SharingLane, number>, eventBytes: Record<SharingLane, number>) {
    this.#rows = rows;
    this.#eventBytes = eventBytes;
  }

  left(lane: SharingLane): number {
    return this.#rows[lane] - this.sent[lane];
  }

  /** Sends one request; gives what went into it. */
  send(room: Room): Room {
    const waiting = LANES.filter((lane) => this.left(lane) > 0).map((lane) => {
      return { lane, events: this.left(lane), bytes: this.left(lane) * this.#eventBytes[lane] };
    });
    const total = { events: 0, bytes: 0 };
    const credits = new Map<SharingLane, number>();
    for (const share of shareRoom(room, waiting, this.#credits)) {
      const { lane } = share;
      const events = Math.min(
        this.left(lane),
        share.room.events,
        Math.floor(share.room.bytes / this.#eventBytes[lane]),
      );
      const used = { events, bytes: events * this.#eventBytes[lane] };
      this.sent[lane] += events;
      total.events += used.events;
      total.bytes += used.bytes;
      if (this.left(lane) > 0) credits.set(lane, creditAfter(share, used));
    }
    this.#credits = credits;
    return total;
  }
}

const rows = fc.integer({ min: 0, max: 2000 });
const eventBytes = fc.integer({ min: 150, max: 20_000 });
const lanesOf = (value: fc.Arbitrary<number>) => fc.record({ 1: value, 2: value, 3: value });

test('no request is fuller than the room that is left', () => {
  const room = fc.record({
    events: fc.integer({ min: 0, max: SYNC_WINDOW.events }),
    bytes: fc.integer({ min: 0, max: SYNC_WINDOW.bytes }),
  });
  fc.assert(
    fc.property(lanesOf(rows), lanesOf(eventBytes), fc.array(room, { minLength: 1, maxLength: 20 }), (r, b, rooms) => {
      const backlog = new Backlog(r, b);
      for (const left of rooms) {
        const used = backlog.send(left);
        expect(used.events).toBeLessThanOrEqual(left.events);
        expect(used.bytes).toBeLessThanOrEqual(left.bytes);
      }
    }),
  );
});

test('whatever waits and however large it is, every lane with something to send gets its turn again and again', () => {
  // 13 requests bring the lightest lane the credit of one full request, and its largest event takes no more.
  const turns = 14;
  const largest = fc.integer({ min: 150, max: SYNC_WINDOW.bytes / 2 });
  fc.assert(
    fc.property(lanesOf(largest), (sizes) => {
      const backlog = new Backlog({ 1: ENDLESS, 2: ENDLESS, 3: ENDLESS }, sizes);
      for (let round = 0; round < 4; round += 1) {
        const before = { ...backlog.sent };
        for (let turn = 0; turn < turns; turn += 1) backlog.send(SYNC_WINDOW);
        for (const lane of LANES) expect(backlog.sent[lane]).toBeGreaterThan(before[lane]);
      }
    }),
  );
});

test('lane 0 may leave as little as one event: the others still take turns at it', () => {
  const backlog = new Backlog({ 1: ENDLESS, 2: ENDLESS, 3: ENDLESS }, { 1: 200, 2: 200, 3: 200 });
  for (let turn = 0; turn < 130; turn += 1) backlog.send({ events: 1, bytes: 10_000 });
  expect(LANES.map((lane) => Math.round(backlog.sent[lane] / 10))).toEqual([8, 4, 1]);
});

test('lanes that are never empty share by their weights', () => {
  const backlog = new Backlog({ 1: ENDLESS, 2: ENDLESS, 3: ENDLESS }, { 1: 300, 2: 300, 3: 300 });
  for (let turn = 0; turn < 100; turn += 1) backlog.send(SYNC_WINDOW);
  const unit = (SYNC_WINDOW.events * 100) / 13;
  for (const lane of LANES) expect(backlog.sent[lane] / unit).toBeCloseTo(LANE_WEIGHTS[lane], 1);
});

test('what one lane leaves is free for the others, and no room stays empty while something waits', () => {
  const alone = new Backlog({ 1: 0, 2: 0, 3: 2000 }, { 1: 200, 2: 200, 3: 200 });
  expect(alone.send(SYNC_WINDOW).events).toBe(SYNC_WINDOW.events);
  fc.assert(
    fc.property(lanesOf(rows), (waiting) => {
      const backlog = new Backlog(waiting, { 1: 200, 2: 200, 3: 200 });
      const total = waiting[1] + waiting[2] + waiting[3];
      const wanted = Math.min(total, SYNC_WINDOW.events);
      // Shares are cut down to whole events.
      expect(backlog.send(SYNC_WINDOW).events).toBeGreaterThanOrEqual(wanted - LANES.length);
    }),
  );
});
