import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import type { HubEvent } from '../../contract/index.js';
import { test } from '../../test/support/hub-site.js';
import { admissionBytes, QUEUE_LIMITS } from './queue-limits.js';

/** Writes events until it is killed, and says the number of each once it is promised to be on disk. */
const WRITER = `
  import { pino } from 'pino';
  import { systemClock } from '${join(import.meta.dirname, '../../hardware/index.ts')}';
  import { openStore } from '${join(import.meta.dirname, 'store.ts')}';
  let ids = 0;
  const newId = () => '01890000-0000-7000-8000-' + String((ids += 1)).padStart(12, '0');
  const [, dataDir] = process.argv;
  const { outbox } = await openStore({ dataDir, clock: systemClock, newId, newEpoch: () => '0'.repeat(32), log: pino({ level: 'silent' }) });
  for (;;) {
    const { seq } = await outbox.enqueue({ type: 'hub.started', body: { version: 'x', bootId: newId() } });
    process.stdout.write(seq + '\\n');
  }
`;
const ACKNOWLEDGED_BEFORE_THE_KILL = 200;

function started(version: string): HubEvent {
  return { type: 'hub.started', body: { version, bootId: '01890000-0000-7000-8000-000000000000' } };
}

test('events of one turn share a commit and keep their order', async ({ store }) => {
  let commits = 0;
  store.outbox.onAppended(() => {
    commits += 1;
  });
  const places = await Promise.all(['a', 'b', 'c'].map((version) => store.outbox.enqueue(started(version))));
  expect(places.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect(commits).toBe(1);
});

test('what was resolved is there after a restart, under the same numbers', async ({ site }) => {
  const first = await site.open();
  const { seq, id } = await first.outbox.enqueue(started('a'));
  const { epoch } = first.outbox;
  const again = await site.open();
  expect(again.outbox.slice(0, { events: 10, bytes: 10_000 })).toMatchObject({ first: seq, lastId: id });
  expect(await again.outbox.enqueue(started('b'))).toMatchObject({ seq: seq + 1 });
  expect(again.outbox.epoch).toBe(epoch);
});

test('a writer killed in the middle loses nothing that it had resolved', async ({ site, dir }) => {
  (await site.open()).database.close();
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', WRITER, dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let last = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    if (last >= ACKNOWLEDGED_BEFORE_THE_KILL) break;
  }
  child.kill('SIGKILL');
  await once(child, 'exit');
  const { outbox } = await site.open();
  const kept = outbox.slice(0, { events: 100_000, bytes: 1_000_000_000 })?.events.length;
  expect(kept).toBeGreaterThanOrEqual(last);
  expect(outbox.lane(0)).toMatchObject({ rows: kept, nextSeq: Number(kept) + 1 });
});

test('an acknowledgement forgets what it covers, and a late one changes nothing', async ({ store }) => {
  const { database, outbox } = store;
  const places = await Promise.all(['a', 'b', 'c'].map((version) => outbox.enqueue(started(version))));
  database.write(() => outbox.acknowledge(0, 2));
  expect(outbox.lane(0)).toMatchObject({ acked: 2, ackedId: places[1]?.id, rows: 1, nextSeq: 4 });
  database.write(() => outbox.acknowledge(0, 1));
  expect(outbox.lane(0)).toMatchObject({ acked: 2, rows: 1 });
  database.write(() => outbox.acknowledge(0, 3));
  expect(outbox.lane(0)).toMatchObject({ rows: 0, bytes: 0 });
  expect(await outbox.enqueue(started('d'))).toMatchObject({ seq: 4 });
});

test('a new epoch numbers from one and remembers where each event was', async ({ store }) => {
  const { database, outbox } = store;
  for (const version of ['a', 'b', 'c']) await outbox.enqueue(started(version));
  database.write(() => outbox.acknowledge(0, 1));
  const old = outbox.epoch;
  const next = outbox.startNewEpoch();
  expect(outbox.epoch).toBe(next);
  expect(next).not.toBe(old);
  const slice = outbox.slice(0, { events: 10, bytes: 10_000 });
  expect(slice?.first).toBe(1);
  expect(slice?.events.map(({ was }) => was)).toEqual([
    [{ epoch: old, lane: 0, seq: 2 }],
    [{ epoch: old, lane: 0, seq: 3 }],
  ]);
  expect(outbox.lane(0)).toMatchObject({ acked: 0, ackedId: null, nextSeq: 3 });
});

test('a slice keeps to the window but always holds one event', async ({ store }) => {
  for (const version of ['a', 'b', 'c']) await store.outbox.enqueue(started(version));
  expect(store.outbox.slice(0, { events: 2, bytes: 100_000 })?.events).toHaveLength(2);
  expect(store.outbox.slice(0, { events: 10, bytes: 1 })?.events).toHaveLength(1);
});

test('a full lane refuses new work and still takes the results of old work', async ({ store }) => {
  const { database, outbox } = store;
  const long = started('x'.repeat(100_000));
  database.write(() => {
    while (outbox.lane(0).bytes < admissionBytes(QUEUE_LIMITS) - 210_000) outbox.append(long);
  });
  await Promise.all([outbox.enqueue(long)]);
  await expect(outbox.enqueue(long)).rejects.toMatchObject({ code: 'outbox.full' });
  expect(outbox.hasRoom()).toBe(true);
  database.write(() => outbox.append(long));
  expect(outbox.hasRoom()).toBe(false);
  expect(() =>
    database.write(() => {
      for (;;) outbox.append(long);
    }),
  ).toThrow(expect.objectContaining({ code: 'outbox.full' }));
});

test('a commit of one event writes one page', async ({ store, dir }) => {
  // Each page in the log has its number before it; room that is not used yet is zeros.
  const pagesInLog = () => {
    const log = readFileSync(join(dir, 'hub.sqlite-wal'));
    let pages = 0;
    while (log.readUInt32BE(32 + pages * (24 + 4096)) !== 0) pages += 1;
    return pages;
  };
  // The first one also writes what all events of this run share.
  await store.outbox.enqueue(started('a'));
  const before = pagesInLog();
  for (let k = 0; k < 5; k += 1) await store.outbox.enqueue(started('a'));
  expect(pagesInLog() - before).toBe(5);
});

test('a restart counts the events past the counters on disk', async ({ site }) => {
  const { outbox } = await site.open();
  for (const count of [1, 300, 20]) {
    await Promise.all(Array.from({ length: count }, () => outbox.enqueue(started('a'))));
  }
  const before = [outbox.lanes(), outbox.figures()];
  const again = await site.open();
  expect([again.outbox.lanes(), again.outbox.figures()]).toEqual(before);
  expect(again.outbox.lane(0)).toMatchObject({ rows: 321, nextSeq: 322 });
});

test('a gap that moves into a new epoch keeps its earlier numbers, and only those it had', async ({ site }) => {
  const reason = 'x'.repeat(100);
  const lane1 = { bytes: 4096, ttlMs: null };
  const { outbox, database } = await site.open({ limits: { ...QUEUE_LIMITS, 1: lane1 } });
  const link = (): HubEvent => ({
    type: 'link.changed',
    body: { at: '2026-01-01T00:00:00.000Z', connected: true, reason },
  });
  const fill = () => Promise.all(Array.from({ length: 40 }, () => outbox.enqueue(link())));
  await fill();
  outbox.noteSent(1, 2);
  database.write(() => outbox.acknowledge(1, 2));
  const old = outbox.epoch;
  outbox.startNewEpoch();
  await fill();
  const { gaps, slices } = outbox.pieces(1, { events: 100, bytes: 100_000 });
  const last = outbox.lane(1).nextSeq - 1;
  expect(last).toBe(78);
  expect(gaps).toMatchObject([{ from: 1, was: [{ epoch: old, lane: 1, from: 3, to: 40 }] }]);
  expect(gaps[0]?.to).toBeGreaterThan(38);
  expect(slices[0]).toMatchObject({ first: (gaps[0]?.to ?? 0) + 1 });
  expect(slices[0]?.events.some((event) => 'was' in event)).toBe(false);
});

test('what the cloud keeps as dead letters is counted, over restarts', async ({ site }) => {
  (await site.open()).outbox.noteRejected(2);
  const { outbox } = await site.open();
  outbox.noteRejected(0);
  outbox.noteRejected(1);
  expect(outbox.figures().rejected).toBe(3);
});

test('of the oldest event it is told how long it has waited', async ({ site }) => {
  const { outbox } = await site.open();
  expect(outbox.figures().lanes[0].oldestMs).toBeNull();
  await outbox.enqueue(started('a'));
  site.clock.advance(5000);
  await outbox.enqueue(started('b'));
  expect(outbox.figures().lanes[0].oldestMs).toBe(5000);
});

test('each of many events of one turn has the number and the id that was told of it', async ({ store: { outbox } }) => {
  const versions = Array.from({ length: 41 }, (_, index) => `${index}`);
  const places = await Promise.all(versions.map((version) => outbox.enqueue(started(version))));
  const { events = [] } = outbox.slice(0, { events: 100, bytes: 100_000 }) ?? {};
  expect(places.map(({ seq }) => seq)).toEqual(versions.map((_, index) => index + 1));
  expect(events.map(({ id }) => id)).toEqual(places.map(({ id }) => id));
  expect(events.map(({ body }) => body)).toEqual(versions.map((version) => started(version).body));
  expect(new Set(places.map(({ id }) => id)).size).toBe(versions.length);
});

test('of many events of one turn lane 0 takes all for which it has room, and refuses the others', async ({ site }) => {
  const limits = { ...QUEUE_LIMITS, 0: { bytes: 65_536, ttlMs: null } };
  const { outbox } = await site.open({ limits });
  await outbox.enqueue(started('a'));
  const each = outbox.lane(0).bytes;
  const results = await Promise.allSettled(Array.from({ length: 1000 }, () => outbox.enqueue(started('a'))));
  const taken = results.filter(({ status }) => status === 'fulfilled').length;
  expect(taken + 1).toBe(Math.floor(admissionBytes(limits) / each));
  expect(results[taken]).toMatchObject({ reason: { code: 'outbox.full' } });
  expect(outbox.lane(0).rows).toBe(taken + 1);
});
