import { expect } from 'vitest';
import type { HubEvent } from '../../contract/index.js';
import { test } from '../../test/support/hub-site.js';
import type { Drop } from './drops.js';
import type { Outbox } from './outbox.js';
import type { QueueLimits } from './queue-limits.js';

const AT = '2026-01-01T00:00:00.000Z';
const DAY_MS = 24 * 60 * 60 * 1000;
const LIMITS: QueueLimits = {
  0: { bytes: 4096, ttlMs: null },
  1: { bytes: 8192, ttlMs: 90 * DAY_MS },
  2: { bytes: 16_384, ttlMs: 30 * DAY_MS },
  3: { bytes: 8192, ttlMs: 3 * DAY_MS },
};
const ALL = { events: 10_000, bytes: 10_000_000 };

const STARTED: HubEvent = {
  type: 'hub.started',
  body: { version: 'a', bootId: '01890000-0000-7000-8000-000000000000' },
};
const LINK: HubEvent = { type: 'link.changed', body: { at: AT, connected: true, reason: null } };
const WARNED: HubEvent = {
  type: 'hub.warned',
  body: { at: AT, level: 'warn', mod: 'a', message: 'b', code: null, count: 1 },
};
const NUMBERS = { uptimeS: 0, rssBytes: 0, temperatureC: null, freeBytes: null, queueRows: 0, queueBytes: 0 };

async function enqueue(outbox: Outbox, event: HubEvent, times: number): Promise<void> {
  await Promise.all(Array.from({ length: times }, () => outbox.enqueue(event)));
}

/** Telemetry that says how many came before it. */
async function measure(outbox: Outbox, from: number, to: number): Promise<void> {
  const numbers = Array.from({ length: to - from }, (_, index) => from + index);
  const body = (uptimeS: number) => ({ at: AT, ...NUMBERS, uptimeS });
  await Promise.all(numbers.map((n) => outbox.enqueue({ type: 'hub.telemetry', body: body(n) })));
}

function heldNumbers(outbox: Outbox, lane: 1 | 2 | 3): number[] {
  const { slices } = outbox.pieces(lane, ALL);
  return slices.flatMap(({ first, events }) => events.map((_, index) => first + index));
}

test('each type of event has its lane', async ({ store: { outbox } }) => {
  for (const event of [STARTED, LINK, WARNED]) await outbox.enqueue(event);
  await measure(outbox, 0, 1);
  expect(outbox.lanes().map(({ rows }) => rows)).toEqual([1, 1, 1, 1]);
});

test('a full lane 1 gives up its oldest events, and one gap names them', async ({ site }) => {
  const { outbox } = await site.open({ limits: LIMITS });
  const heard: Drop[] = [];
  outbox.onDropped((drop) => heard.push(drop));
  await enqueue(outbox, LINK, 200);
  const { gaps } = outbox.pieces(1, ALL);
  const dropped = 200 - outbox.lane(1).rows;
  expect(dropped).toBeGreaterThan(0);
  expect(gaps).toMatchObject([{ from: 1, to: dropped, reason: 'quota', rows: dropped, firstAt: AT, lastAt: AT }]);
  expect(outbox.lane(1).bytes).toBeLessThanOrEqual(LIMITS[1].bytes);
  expect(outbox.figures().dropped).toEqual({ quota: dropped });
  expect(heard.reduce((sum, { rows }) => sum + rows, 0)).toBe(dropped);
});

test('what was sent and is not acknowledged is not dropped, also after a restart', async ({ site }) => {
  const first = await site.open({ limits: LIMITS });
  await enqueue(first.outbox, LINK, 20);
  first.outbox.noteSent(1, 10);
  const { outbox } = await site.open({ limits: LIMITS });
  await enqueue(outbox, LINK, 300);
  const { slices, gaps } = outbox.pieces(1, ALL);
  expect(slices[0]).toMatchObject({ first: 1 });
  expect(slices[0]?.events).toHaveLength(10);
  expect(gaps[0]).toMatchObject({ from: 11 });
});

test('telemetry is thinned before it is dropped: of ten in a row of the oldest half one is left', async ({ site }) => {
  const { outbox } = await site.open({ limits: LIMITS });
  let count = 0;
  while (outbox.figures().dropped.thin === undefined) {
    await measure(outbox, count, count + 1);
    count += 1;
  }
  const { gaps } = outbox.pieces(2, ALL);
  expect(gaps[0]).toMatchObject({ from: 1, to: 9, reason: 'thin', rows: 9 });
  expect(heldNumbers(outbox, 2)[0]).toBe(10);
  await measure(outbox, count, 400);
  const held = heldNumbers(outbox, 2);
  const thinned = held.filter((seq, index) => seq > 1 && held[index - 1] !== seq - 1);
  expect(thinned.every((seq) => seq % 10 === 0)).toBe(true);
  expect(outbox.lane(2).bytes).toBeLessThanOrEqual(LIMITS[2].bytes);
});

test('a lane 2 that is thinned as far as it may be drops its oldest, with the gaps between them', async ({ site }) => {
  const { outbox } = await site.open({ limits: LIMITS });
  await measure(outbox, 0, 3000);
  const { gaps } = outbox.pieces(2, ALL);
  expect(gaps[0]).toMatchObject({ from: 1, reason: 'quota' });
  expect(gaps.filter(({ reason }) => reason === 'quota')).toHaveLength(1);
  expect(gaps[1]).toMatchObject({ reason: 'thin', rows: 9 });
  const { dropped, rows } = outbox.figures().lanes[2];
  expect((dropped.thin ?? 0) + (dropped.quota ?? 0) + rows).toBe(3000);
  expect(gaps.reduce((sum, gap) => sum + gap.rows, 0) + rows).toBe(3000);
});

test('lane 0 refuses and never drops, and the others never refuse', async ({ site }) => {
  const { outbox } = await site.open({ limits: LIMITS });
  const results = await Promise.allSettled(Array.from({ length: 100 }, () => outbox.enqueue(STARTED)));
  const refused = results.filter(({ status }) => status === 'rejected');
  expect(refused[0]).toMatchObject({ reason: { code: 'outbox.full' } });
  expect(outbox.lane(0).rows).toBe(100 - refused.length);
  expect(outbox.pieces(0, ALL).gaps).toEqual([]);
  const large: HubEvent = { type: 'hub.warned', body: { ...WARNED.body, message: 'x'.repeat(20_000) } };
  await outbox.enqueue(large);
  await outbox.enqueue(WARNED);
  expect(heldNumbers(outbox, 3)).toEqual([2]);
});

test('an event is given up when it is too old by the monotonic clock', async ({ site }) => {
  const { outbox } = await site.open({ limits: LIMITS });
  await enqueue(outbox, WARNED, 3);
  site.clock.advance(2 * DAY_MS);
  await enqueue(outbox, WARNED, 1);
  expect(outbox.expire()).toBe(0);
  site.clock.jumpWall(400 * DAY_MS);
  expect(outbox.expire()).toBe(0);
  site.clock.advance(DAY_MS + 1);
  expect(outbox.expire()).toBe(3);
  expect(outbox.pieces(3, ALL).gaps).toMatchObject([{ from: 1, to: 3, reason: 'ttl', rows: 3 }]);
  expect(outbox.lane(3).rows).toBe(1);
});

test('time without power counts only where the clock was trusted before and after it', async ({ site }) => {
  const trusting = async (isTrusted: boolean) => {
    const store = await site.open({ limits: LIMITS });
    if (isTrusted) store.boot.heardServerTime(site.clock.now());
    return store.outbox;
  };
  await enqueue(await trusting(false), WARNED, 1);
  await enqueue(await trusting(true), WARNED, 1);
  site.clock.advance(4 * DAY_MS);
  expect((await trusting(false)).expire()).toBe(0);
  // The older one was made with an untrusted clock, and is the oldest: nothing overtakes it.
  expect((await trusting(true)).expire()).toBe(0);
  const { database, outbox } = await site.open({ limits: LIMITS });
  outbox.noteSent(3, 1);
  database.write(() => outbox.acknowledge(3, 1));
  expect((await trusting(true)).expire()).toBe(1);
});

test('time that earlier runs went on counts whatever the clock was', async ({ site }) => {
  await enqueue((await site.open({ limits: LIMITS })).outbox, WARNED, 1);
  for (let run = 0; run < 2; run += 1) {
    const { outbox } = await site.open({ limits: LIMITS });
    site.clock.advance(2 * DAY_MS);
    outbox.tidy();
    expect(outbox.expire()).toBe(run);
  }
});
