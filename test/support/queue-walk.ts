import fc from 'fast-check';
import { expect } from 'vitest';
import type { HubEvent, Lane } from '../../contract/index.js';
import type { Outbox } from '../../hub/storage/outbox.js';
import type { QueueLimits } from '../../hub/storage/queue-limits.js';
import type { Site } from './hub-site.js';

const LANES: readonly Lane[] = [0, 1, 2, 3];
const MINUTE_MS = 60_000;
/** A few dozen events a lane, and a few minutes. */
const SMALL: QueueLimits = {
  0: { bytes: 16_384, ttlMs: null },
  1: { bytes: 8192, ttlMs: 90 * MINUTE_MS },
  2: { bytes: 6144, ttlMs: 30 * MINUTE_MS },
  3: { bytes: 4096, ttlMs: 3 * MINUTE_MS },
};
const NIL = '01890000-0000-7000-8000-000000000000';
const AT = '2026-01-01T00:00:00.000Z';
const WINDOW = { events: 12, bytes: 6000 };

function eventOf(lane: Lane, letters: number): HubEvent {
  const message = 'x'.repeat(letters);
  if (lane === 0) return { type: 'hub.started', body: { version: message, bootId: NIL } };
  if (lane === 1) return { type: 'link.changed', body: { at: AT, connected: true, reason: message } };
  if (lane === 3) {
    return { type: 'hub.warned', body: { at: AT, level: 'warn', mod: 'a', message, code: null, count: 1 } };
  }
  const body = {
    at: AT,
    uptimeS: letters,
    rssBytes: 1,
    temperatureC: null,
    freeBytes: null,
    queueRows: 0,
    queueBytes: 0,
  };
  return { type: 'hub.telemetry', body };
}

/** What every state of the queue must be: each number from the first unacknowledged one on is an event or in one gap. */
function requireCovered(outbox: Outbox): void {
  for (const lane of LANES) {
    const { acked, nextSeq, rows } = outbox.lane(lane);
    const { slices, gaps } = outbox.pieces(lane, { events: 100_000, bytes: 1e9 });
    const ranges = [
      ...slices.map(({ first, events }) => ({ from: first, to: first + events.length - 1 })),
      ...gaps.map(({ from, to }) => ({ from, to })),
    ].sort((a, b) => a.from - b.from);
    let next = acked + 1;
    for (const { from, to } of ranges) {
      expect(from).toBe(next);
      next = to + 1;
    }
    expect(next).toBe(nextSeq);
    expect(slices.reduce((sum, { events }) => sum + events.length, 0)).toBe(rows);
    const figures = outbox.figures().lanes[lane];
    const dropped = Object.values(figures.dropped).reduce((sum, n) => sum + n, 0);
    expect({ lane, sum: figures.taken + dropped + figures.rows }).toEqual({ lane, sum: figures.enqueued });
  }
}

const laneArbitrary = fc.constantFrom<Lane>(0, 1, 2, 3);
const stepArbitrary = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('enqueue' as const),
      lane: laneArbitrary,
      n: fc.integer({ min: 1, max: 60 }),
      letters: fc.integer({ min: 0, max: 150 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('send' as const), lane: laneArbitrary }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('ack' as const),
      lane: laneArbitrary,
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('newEpoch' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('undone' as const), lane: laneArbitrary }) },
);

type Step = typeof stepArbitrary extends fc.Arbitrary<infer T> ? T : never;

async function walk(site: Site, folder: string, steps: readonly Step[]): Promise<void> {
  const open = () => site.open({ limits: SMALL, folder });
  let store = await open();
  for (const step of steps) {
    const { outbox, database } = store;
    if (step.do === 'enqueue') {
      const all = Array.from({ length: step.n }, () => outbox.enqueue(eventOf(step.lane, step.letters)));
      const refused = (await Promise.allSettled(all)).filter(({ status }) => status === 'rejected').length;
      if (step.lane !== 0) expect(refused).toBe(0);
    } else if (step.do === 'send') {
      const { slices, gaps } = outbox.pieces(step.lane, WINDOW);
      const last = Math.max(
        0,
        ...gaps.map(({ to }) => to),
        ...slices.map(({ first, events }) => first + events.length - 1),
      );
      outbox.noteSent(step.lane, last);
    } else if (step.do === 'ack') {
      const { acked, sent } = outbox.lane(step.lane);
      database.write(() => outbox.acknowledge(step.lane, acked + Math.round((sent - acked) * step.share)));
    } else if (step.do === 'wait') {
      site.clock.advance(step.minutes * MINUTE_MS);
      outbox.expire();
      outbox.tidy();
    } else if (step.do === 'reopen') store = await open();
    else if (step.do === 'newEpoch') outbox.startNewEpoch();
    else {
      expect(() =>
        database.write(() => {
          for (let k = 0; k < 3; k += 1) outbox.append(eventOf(step.lane, 10));
          throw new RangeError('no');
        }),
      ).toThrow();
    }
    requireCovered(store.outbox);
  }
}

/** Walks over so many random ways through the life of a queue, and looks at all of it after each step. */
export async function walkQueue(site: Site, { runs, steps }: { runs: number; steps: number }): Promise<void> {
  let walks = 0;
  const property = fc.asyncProperty(fc.array(stepArbitrary, { minLength: 5, maxLength: steps }), async (way) => {
    walks += 1;
    await walk(site, `${walks}`, way);
  });
  await fc.assert(property, { numRuns: runs, endOnFailure: true });
}
