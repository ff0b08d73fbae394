import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import type { HubEvent } from '../../contract/index.js';
import { test } from '../../test/support/hub-site.js';
import { admissionBytes, QUEUE_LIMITS } from './queue-limits.js';

/** Writes events until it is killed, and says the number of each once it is promised to be on disk. */
const WRITER = `
  import { systemClock } from '${join(import.meta.dirname, '../../hardware/index.ts')}';
  import { openStore } from '${join(import.meta.dirname, 'store.ts')}';
  let ids = 0;
  const newId = () => '01890000-0000-7000-8000-' + String((ids += 1)).padStart(12, '0');
  const [, dataDir] = process.argv;
  const { outbox } = await openStore({ dataDir, clock: systemClock, newId, newEpoch: () => '0'.repeat(32) });
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
