import { expect } from 'vitest';
import { type HubEvent, SYNC_WINDOW, type SyncRequest } from '../../contract/index.js';
import { aDisplay, aText, test as base, SILENT } from '../../test/support/hub-site.js';
import { replyTo } from '../../test/support/sync-reply.js';
import { Intake } from '../executor/intake.js';
import { QUEUE_LIMITS, type QueueLimits } from '../storage/queue-limits.js';
import type { Store } from '../storage/store.js';
import { SyncState } from './sync-state.js';

const ID = '01890000-0000-7000-8000-000000000001';
const AT = '2026-01-01T00:00:00.000Z';
const STARTED: HubEvent = { type: 'hub.started', body: { version: 'a', bootId: ID } };
const LINK: HubEvent = { type: 'link.changed', body: { at: AT, connected: true, reason: null } };
const WARNED: HubEvent = {
  type: 'hub.warned',
  body: { at: AT, level: 'warn', mod: 'sync', message: 'a', code: null, count: 1 },
};
const TELEMETRY: HubEvent = {
  type: 'hub.telemetry',
  body: { at: AT, uptimeS: 1, rssBytes: 1, temperatureC: null, freeBytes: 1, queueRows: 1, queueBytes: 1 },
};
const RTT_MS = 40;

function stateOf(store: Store): SyncState {
  const intake = new Intake({ ...store, hasDisplay: () => true, log: SILENT });
  return new SyncState({ ...store, intake, log: SILENT });
}

const test = base.extend('state', ({ store }) => stateOf(store));

async function fill({ outbox }: Store, event: HubEvent, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, () => outbox.enqueue(event)));
}

/** Lane 3 takes about forty events. */
function tinyLimits(): QueueLimits {
  return { ...QUEUE_LIMITS, 3: { bytes: 8000, ttlMs: null } };
}

/** How many events of each lane a request holds. */
function eventsIn({ logs }: SyncRequest): number[] {
  return [0, 1, 2, 3].map((lane) =>
    logs.filter((slice) => slice.lane === lane).reduce((sum, { events }) => sum + events.length, 0),
  );
}

test('lane 0 goes first and whole, then registers, and the others share the rest by their weights', async ({
  store,
  state,
}) => {
  await fill(store, STARTED, 110);
  for (const event of [LINK, TELEMETRY, WARNED]) await fill(store, event, 500);
  store.registers.set('health', { rows: 1 });
  const request = state.request(1000);
  expect(eventsIn(request)).toEqual([110, 240, 120, 30]);
  expect(request).toMatchObject({ freeBytes: 1000, regs: [{ key: 'health', ver: 1, sup: 0, body: { rows: 1 } }] });
  expect(request.logs[0]?.events[0]).toHaveProperty('id');
  expect(request.logs[1]?.events[0]).not.toHaveProperty('id');
});

test('whatever waits elsewhere, what happens in lane 0 is in the next request', async ({ store, state }) => {
  for (const event of [LINK, TELEMETRY, WARNED]) await fill(store, event, 1000);
  state.apply(replyTo(state.request(null)), state.request(null), RTT_MS);
  await store.outbox.enqueue(STARTED);
  expect(eventsIn(state.request(null))[0]).toBe(1);
});

test('a full lane 0 leaves nothing to the others, and its next window goes on behind it', async ({ store, state }) => {
  await fill(store, STARTED, 600);
  await fill(store, LINK, 10);
  const first = state.request(null);
  expect(eventsIn(first)).toEqual([SYNC_WINDOW.events, 0, 0, 0]);
  expect(state.apply(replyTo(first), first, RTT_MS)).toEqual({ kind: 'done' });
  expect(eventsIn(state.request(null))).toEqual([100, 10, 0, 0]);
});

test('the window of a reply bounds the next request, and no reply widens it past the protocol', async ({
  store,
  state,
}) => {
  await fill(store, LINK, 600);
  const first = state.request(null);
  state.apply(replyTo(first, { window: { events: 7, bytes: 100_000 } }), first, RTT_MS);
  const second = state.request(null);
  expect(eventsIn(second)).toEqual([0, 7, 0, 0]);
  state.apply(replyTo(second, { window: { events: 9000, bytes: 9_000_000 } }), second, RTT_MS);
  expect(eventsIn(state.request(null))).toEqual([0, 93, 0, 0]);
});

test('a request that is too large for somebody is halved until it gets through, and then grows again', async ({
  store,
  state,
}) => {
  await fill(store, LINK, 2000);
  state.tooLarge();
  state.tooLarge();
  const small = state.request(null);
  expect(eventsIn(small)).toEqual([0, 125, 0, 0]);
  state.apply(replyTo(small), small, RTT_MS);
  expect(eventsIn(state.request(null))).toEqual([0, 250, 0, 0]);
  for (let again = 0; again < 20; again += 1) state.tooLarge();
  expect(eventsIn(state.request(null))).toEqual([0, 1, 0, 0]);
});

test('what was dropped is named among the events, and acknowledged with them', async ({ site }) => {
  const store = await site.open({ limits: tinyLimits() });
  const state = stateOf(store);
  await fill(store, WARNED, 200);
  const request = state.request(null);
  const [gap] = request.gaps;
  expect(gap).toMatchObject({ lane: 3, from: 1, reason: 'quota' });
  expect(request.logs[0]?.first).toBe((gap?.to ?? 0) + 1);
  expect(state.apply(replyTo(request), request, RTT_MS)).toEqual({ kind: 'done' });
  expect(state.request(null)).toMatchObject({ logs: [], gaps: [], after: { 3: { seq: 200 } } });
});

test('what is in a request is not dropped any more, also after a crash', async ({ site }) => {
  const first = await site.open({ limits: tinyLimits() });
  await fill(first, WARNED, 20);
  stateOf(first).request(null);
  const store = await site.open({ limits: tinyLimits() });
  await fill(store, WARNED, 200);
  const request = stateOf(store).request(null);
  expect(request.logs.find(({ lane }) => lane === 3)).toMatchObject({ first: 1 });
  expect(request.gaps[0]?.from).toBe(21);
});

// The reply was lost with the process: its acknowledgement was taken for that of another copy of the store.
test('what an earlier run sent in larger requests is acknowledged to this one, request by request', async ({
  site,
}) => {
  const first = await site.open();
  await fill(first, STARTED, 3);
  stateOf(first).request(null);
  const store = await site.open();
  const state = stateOf(store);
  for (let again = 0; again < 9; again += 1) state.tooLarge();
  for (const left of [2, 1, 0]) {
    const request = state.request(null);
    expect(eventsIn(request)[0]).toBe(1);
    const reply = replyTo(request, { acks: { 0: 3 }, window: { events: 1, bytes: 10_000 } });
    expect(state.apply(reply, request, RTT_MS)).toEqual({ kind: 'done' });
    expect(store.outbox.depth()).toBe(left);
  }
});

// The other copy's event had come under the same number: this one's was deleted and is nowhere.
test('an acknowledgement counts for what was in the request that it answers, and for nothing else', async ({
  store,
  state,
}) => {
  await fill(store, LINK, 1);
  state.request(null);
  await fill(store, STARTED, SYNC_WINDOW.events);
  const without = state.request(null);
  expect(eventsIn(without)).toEqual([SYNC_WINDOW.events, 0, 0, 0]);
  const reply = replyTo(without, { acks: { 0: SYNC_WINDOW.events, 1: 1 } });
  expect(state.apply(reply, without, RTT_MS)).toEqual({ kind: 'done' });
  expect(store.outbox.lane(0)).toMatchObject({ rows: 0 });
  expect(store.outbox.lane(1)).toMatchObject({ acked: 0, rows: 1 });
});

test('an acknowledgement of what was never sent is that of another copy', async ({ store, state }) => {
  await fill(store, LINK, 1);
  const request = state.request(null);
  await fill(store, LINK, 1);
  expect(state.apply(replyTo(request, { acks: { 1: 2 } }), request, RTT_MS)).toMatchObject({ kind: 'fork' });
  expect(store.outbox.depth()).toBe(2);
});

test('an event that was sent before or moved says which one it is, in every lane', async ({ store, state }) => {
  await fill(store, LINK, 1);
  state.request(null);
  await fill(store, LINK, 1);
  const withId = (request: SyncRequest) =>
    request.logs.flatMap(({ events }) => events.map(({ id }) => id !== undefined));
  expect(withId(state.request(null))).toEqual([true, false]);
  state.fork('a copy');
  await fill(store, LINK, 1);
  expect(withId(state.request(null))).toEqual([true, true, false]);
});

test('a stale acknowledgement changes nothing', async ({ store, state }) => {
  await fill(store, LINK, 3);
  const request = state.request(null);
  state.apply(replyTo(request), request, RTT_MS);
  await store.outbox.enqueue(LINK);
  const next = state.request(null);
  expect(state.apply(replyTo(next, { acks: { 1: 2 } }), next, RTT_MS)).toEqual({ kind: 'stuck' });
  expect(store.outbox.lane(1)).toMatchObject({ acked: 3, rows: 1 });
});

test('after a hole the lane is sent again from where the cloud is', async ({ store, state }) => {
  await fill(store, LINK, 10);
  const request = state.request(null);
  const holes = [{ code: 'E_HOLE', lane: 1, hwm: 4 } as const];
  expect(state.apply(replyTo(request, { acks: {}, holes }), request, RTT_MS)).toEqual({ kind: 'done' });
  expect(state.request(null).logs).toMatchObject([{ lane: 1, first: 5, events: { length: 6 } }]);
});

test('a hole where nothing is held any more is left by a new epoch', async ({ store, state }) => {
  await fill(store, LINK, 10);
  const request = state.request(null);
  state.apply(replyTo(request), request, RTT_MS);
  await store.outbox.enqueue(LINK);
  const next = state.request(null);
  const applied = state.apply(replyTo(next, { acks: {}, holes: [{ code: 'E_HOLE', lane: 1, hwm: 4 }] }), next, RTT_MS);
  expect(applied).toMatchObject({ kind: 'fork' });
  const { epoch } = store.outbox;
  state.fork('a hole');
  expect(state.request(null)).toMatchObject({
    after: { 1: { seq: 0, id: null } },
    logs: [{ first: 1, events: [{ was: [{ epoch, lane: 1, seq: 11 }] }] }],
  });
});

test('a closed epoch is left, and gaps move with the events', async ({ site }) => {
  const store = await site.open({ limits: tinyLimits() });
  const state = stateOf(store);
  await fill(store, WARNED, 200);
  const request = state.request(null);
  expect(state.apply(replyTo(request, { epochState: 'E_EPOCH_CLOSED' }), request, RTT_MS)).toMatchObject({
    kind: 'fork',
  });
  state.fork('closed');
  const again = state.request(null);
  expect(again.epoch).not.toBe(request.epoch);
  expect(again.gaps[0]).toMatchObject({ from: 1, was: [{ epoch: request.epoch, lane: 3, from: 1 }] });
});

test('a newer incarnation of the cloud gets every register again, and the log goes on', async ({ store, state }) => {
  store.registers.set('state', { rev: 1 });
  store.registers.set('health', { rows: 1 });
  await fill(store, LINK, 2);
  const first = state.request(null);
  const down = [aText({ downSeq: 1, displayId: aDisplay(store) })];
  state.apply(replyTo(first, { down, downNext: 2 }), first, RTT_MS);
  expect(state.request(null)).toMatchObject({ regs: [], downGen: 'g1', downAcked: 1, after: { 1: { seq: 2 } } });
  store.registers.set('health', { rows: 2 });
  const second = state.request(null);
  state.apply(replyTo(second, { gen: 'g2' }), second, RTT_MS);
  expect(state.request(null)).toMatchObject({
    downGen: 'g2',
    downAcked: 0,
    after: { 1: { seq: 2 } },
    // What was sent to the new one is there already.
    regs: [{ key: 'state' }],
  });
});

test('a reply of an older incarnation is ignored whole', async ({ store, state }) => {
  store.registers.set('state', { rev: 1 });
  await fill(store, LINK, 2);
  store.database.write(() => store.inbox.enterGen('g2'));
  const request = state.request(null);
  expect(state.apply(replyTo(request), request, RTT_MS)).toEqual({ kind: 'stale' });
  expect(state.request(null)).toMatchObject({ regs: [{ key: 'state' }], logs: [{ first: 1 }], downGen: 'g2' });
});

test('a register that was set again on the way is sent again, with what was left out', async ({ store, state }) => {
  store.registers.set('health', { rows: 1 });
  const request = state.request(null);
  for (const rows of [2, 3]) store.registers.set('health', { rows });
  state.apply(replyTo(request), request, RTT_MS);
  expect(state.request(null).regs).toMatchObject([{ key: 'health', ver: 3, sup: 1, body: { rows: 3 } }]);
});

test('what the cloud could not take is counted, once, and is no longer held', async ({ store, state }) => {
  await fill(store, LINK, 3);
  const request = state.request(null);
  const rejects = [{ lane: 1 as const, seq: 2, code: 'invalid_body' }];
  state.apply(replyTo(request, { rejects }), request, RTT_MS);
  expect(store.outbox.figures()).toMatchObject({ rejected: 1, acked: 3, lanes: { 1: { rows: 0 } } });
});

test('epochs that were left are told until the cloud has answered in the new one, with how far it had acknowledged', async ({
  site,
}) => {
  const store = await site.open();
  const state = stateOf(store);
  await fill(store, LINK, 2);
  const first = state.request(null);
  expect(first.left).toBeUndefined();
  state.apply(replyTo(first), first, RTT_MS);
  state.fork('a copy');
  const between = store.outbox.epoch;
  const again = await site.open();
  const reopened = stateOf(again);
  reopened.fork('a copy');
  const request = reopened.request(null);
  expect(request.left).toEqual([
    { epoch: first.epoch, after: { 0: 0, 1: 2, 2: 0, 3: 0 } },
    { epoch: between, after: { 0: 0, 1: 0, 2: 0, 3: 0 } },
  ]);
  reopened.apply(replyTo(request), request, RTT_MS);
  expect(reopened.request(null).left).toBeUndefined();
});

test('events of an earlier boot travel with what was known of its clock', async ({ site }) => {
  const first = await site.open();
  const state = stateOf(first);
  const heard = state.request(null);
  state.apply(replyTo(heard, { now: '2026-01-01T00:00:05.000Z' }), heard, RTT_MS);
  await fill(first, LINK, 1);
  const again = await site.open();
  const request = stateOf(again).request(null);
  expect(request.logs[0]?.events[0]?.boot).toBe(heard.boot);
  expect(request.anchors).toEqual([
    { boot: heard.boot, mono: heard.monoNow, at: '2026-01-01T00:00:05.000Z', rttMs: RTT_MS },
  ]);
  await fill(again, LINK, 1);
});

test('events of this boot travel with the last comparison of its clock, as soon as there is one', async ({
  store,
  state,
}) => {
  await fill(store, LINK, 1);
  const first = state.request(null);
  expect(first.anchors).toBeUndefined();
  state.apply(replyTo(first, { now: '2026-01-01T00:00:05.000Z' }), first, RTT_MS);
  await fill(store, LINK, 1);
  expect(state.request(null).anchors).toEqual([
    { boot: first.boot, mono: first.monoNow, at: '2026-01-01T00:00:05.000Z', rttMs: RTT_MS },
  ]);
});

test.for([
  ['a slow link', 20_000, '2026-01-01T00:00:00.000Z', 20_000, 2],
  ['a clock that is a minute fast', 60_000, '2026-01-01T00:00:00.000Z', 40, 1],
  ['a clock that is a minute slow', 0, '2026-01-01T00:01:00.000Z', 40, 1],
] as const)(
  '%s is told from a wrong clock by how long the reply took',
  ([, passedMs, now, rttMs, wq], { store, site, state }) => {
    const request = state.request(null);
    site.clock.advance(passedMs);
    state.apply(replyTo(request, { now }), request, rttMs);
    expect(store.boot.now().wq).toBe(wq);
  },
);

test('a comparison of the clocks that was undone with its reply is made at the next one', async ({ store }) => {
  const take = () => {
    throw new RangeError('no');
  };
  const state = new SyncState({ ...store, intake: { take }, log: SILENT });
  const request = state.request(null);
  const down = [aText({ downSeq: 1, displayId: ID })];
  expect(() => state.apply(replyTo(request, { down }), request, RTT_MS)).toThrow('no');
  state.apply(replyTo(request), request, RTT_MS);
  expect(store.meta.get('synced_at')).toBeDefined();
});
