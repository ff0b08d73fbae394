import { expect } from 'vitest';
import type { HubEvent } from '../../contract/index.js';
import { test } from '../../test/support/hub-site.js';
import type { QueueLimits } from './queue-limits.js';
import { Room } from './room.js';
import type { Store } from './store.js';

const MIB = 1024 * 1024;
/** The file may have 6 MiB in all. */
const LIMITS: QueueLimits = {
  0: { bytes: MIB / 2, ttlMs: null },
  1: { bytes: MIB / 2, ttlMs: null },
  2: { bytes: MIB / 2, ttlMs: null },
  3: { bytes: MIB / 2, ttlMs: null },
};
const AT = '2026-01-01T00:00:00.000Z';
const STARTED: HubEvent = {
  type: 'hub.started',
  body: { version: 'a', bootId: '01890000-0000-7000-8000-000000000000' },
};

async function fill({ outbox }: Store): Promise<void> {
  const reason = 'x'.repeat(3000);
  const warned = { at: AT, level: 'warn', mod: 'a', message: reason, code: null, count: 1 } as const;
  const events: HubEvent[] = Array.from({ length: 100 }, () => [
    { type: 'hub.warned', body: warned } as const,
    { type: 'link.changed', body: { at: AT, connected: true, reason } } as const,
  ]).flat();
  await Promise.all(events.map((event) => outbox.enqueue(event)));
}

/** Takes of the file what is not the queue's, until nothing is left of it; how much that was. */
function stuff({ registers }: Store, until: () => boolean): number {
  let bytes = 0;
  for (let key = 0; !until(); key += 1) {
    registers.set(`${key}`, 'x'.repeat(50_000));
    bytes += 50_000;
  }
  return bytes;
}

test('in a file at its limit bulk gives way first, then events, and lane 0 goes on', async ({ site }) => {
  const store = await site.open({ limits: LIMITS });
  await fill(store);
  const { outbox } = store;
  const full = outbox.lane(3).rows;
  stuff(store, () => outbox.lane(3).rows < full);
  expect(outbox.figures().lanes[3].dropped.quota).toBeGreaterThan(0);
  const held = outbox.lane(1).rows;
  stuff(store, () => outbox.lane(1).rows < held);
  expect(outbox.lane(3).rows).toBe(0);
  await outbox.enqueue(STARTED);
  expect(() => stuff(store, () => false)).toThrow(expect.objectContaining({ code: 'storage.full' }));
  expect(outbox.lane(1).rows).toBe(0);
  expect(outbox.pieces(1, { events: 500, bytes: MIB }).gaps).toMatchObject([{ from: 1, reason: 'quota' }]);
});

test('what was acknowledged makes room in a full file', async ({ site }) => {
  const store = await site.open({ limits: LIMITS });
  const { outbox, database, registers } = store;
  const version = 'x'.repeat(50_000);
  const places = await Promise.all(
    Array.from({ length: 4 }, () => outbox.enqueue({ type: 'hub.started', body: { ...STARTED.body, version } })),
  );
  const last = places.at(-1)?.seq ?? 0;
  outbox.noteSent(0, last);
  expect(() => stuff(store, () => false)).toThrow(expect.objectContaining({ code: 'storage.full' }));
  database.write(() => outbox.acknowledge(0, last));
  registers.set('after', 'x'.repeat(50_000));
  expect(outbox.lane(0)).toMatchObject({ rows: 0, acked: last });
});

/** A commit that finds no room as often as it is said, on a file with so many free pages. */
function roomOf(free: { pages: number; growth: number; ballast: boolean; events: number }) {
  const done: string[] = [];
  const room = new Room({
    database: {
      freePages: () => free.pages,
      growthPages: () => free.growth,
      checkpoint: () => done.push('checkpoint'),
    },
    ballast: { release: () => free.ballast && done.push('ballast') > 0 },
    outbox: {
      makeRoomOnCard: () => {
        free.events -= 1;
        done.push('drop');
        return free.events >= 0;
      },
    },
  });
  return { room, done };
}

test('on a full card ballast goes first, and no event is given up while the file itself has room', () => {
  const { room, done } = roomOf({ pages: 1000, growth: 1000, ballast: true, events: 9 });
  expect([1, 2].map((attempt) => room.make(attempt))).toEqual([true, false]);
  expect(done).toEqual(['ballast', 'checkpoint']);
});

test('on a full card on which the file would have to grow, events give way a few times for each commit', () => {
  const { room, done } = roomOf({ pages: 3, growth: 1000, ballast: false, events: 100 });
  const attempts = Array.from({ length: 20 }, (_, index) => room.make(index + 1));
  expect(attempts.filter((isWorthIt) => isWorthIt)).toHaveLength(8);
  expect(done.filter((what) => what === 'drop')).toHaveLength(7);
});

test('where nothing is left to give up, the commit fails', () => {
  const { room } = roomOf({ pages: 0, growth: 0, ballast: false, events: 1 });
  expect([1, 2, 3].map((attempt) => room.make(attempt))).toEqual([true, true, false]);
});
