import { join } from 'node:path';
import { expect } from 'vitest';
import { test } from '../../../test/support/hub-site.js';
import { Database } from '../database.js';
import { migrations } from './index.js';

const BOOTS = ['01890000-0000-7000-8000-00000000000a', '01890000-0000-7000-8000-00000000000b'] as const;
const EPOCHS = ['1'.repeat(32), '2'.repeat(32)] as const;
const WALL_MS = Date.UTC(2026, 0, 1);
const PLACE_OF_QUEUE = 3;

function idOf(seq: number): string {
  return `01890000-0000-7000-8000-${`${seq}`.padStart(12, '0')}`;
}

/** A file of the build before: events 4 to 6 of lane 0 held, 4 and 5 moved here from an epoch in which they were 8 and 9. */
function oldFile(path: string): void {
  const old = new Database(path, migrations.slice(0, PLACE_OF_QUEUE));
  const insert = old.prepare<[Record<string, unknown>]>(
    `INSERT INTO log (lane, seq, id, type, tv, boot, mono_ms, wall_ms, wq, bytes, was, body)
     VALUES (0, @seq, @id, 'hub.started', 1, @boot, @mono, @wall, @wq, 300, @was, @body)`,
  );
  const rows = [
    { seq: 4, boot: BOOTS[0], mono: 10.25, wall: WALL_MS, wq: 1, was: [{ epoch: EPOCHS[0], lane: 0, seq: 8 }] },
    { seq: 5, boot: BOOTS[0], mono: 20, wall: WALL_MS + 11, wq: 1, was: [{ epoch: EPOCHS[0], lane: 0, seq: 9 }] },
    { seq: 6, boot: BOOTS[1], mono: 5, wall: 7, wq: 0, was: null },
  ];
  for (const { was, ...row } of rows) {
    const body = JSON.stringify({ version: `${row.seq}`, bootId: row.boot });
    insert.run({ ...row, id: idOf(row.seq), body, was: was === null ? null : JSON.stringify(was) });
  }
  old.prepare("UPDATE lane SET next_seq = 7, acked = 3, acked_id = 'a', rows = 3, bytes = 900 WHERE lane = 0").run();
  old.prepare("INSERT INTO meta (k, v) VALUES ('epoch', ?)").run(EPOCHS[1]);
  old.close();
}

test('the queue of the build before comes over whole, with its numbers, ids, times and counters', async ({
  site,
  dir,
}) => {
  oldFile(join(dir, 'hub.sqlite'));
  const { outbox } = await site.open();
  expect(outbox.epoch).toBe(EPOCHS[1]);
  const slice = outbox.slice(0, { events: 10, bytes: 10_000 });
  expect(slice).toMatchObject({ first: 4, lastId: idOf(6) });
  const [four, five, six] = slice?.events ?? [];
  expect(four).toEqual({
    id: idOf(4),
    type: 'hub.started',
    tv: 1,
    boot: BOOTS[0],
    mono: 10,
    wall: '2026-01-01T00:00:00.000Z',
    wq: 1,
    body: { version: '4', bootId: BOOTS[0] },
    was: [{ epoch: EPOCHS[0], lane: 0, seq: 8 }],
  });
  expect(five).toMatchObject({ wall: '2026-01-01T00:00:00.011Z', was: [{ seq: 9 }] });
  expect(six).toMatchObject({ boot: BOOTS[1], mono: 5, wall: '1970-01-01T00:00:00.007Z', wq: 0 });
  expect(six).not.toHaveProperty('was');
  expect(outbox.lane(0)).toMatchObject({ acked: 3, ackedId: 'a', nextSeq: 7, sent: 6, rows: 3 });
  expect(outbox.figures().lanes[0]).toMatchObject({ enqueued: 6, taken: 3, rows: 3, dropped: {} });
  const body = { version: 'x', bootId: BOOTS[0] };
  expect(await outbox.enqueue({ type: 'hub.started', body })).toMatchObject({ seq: 7 });
});

test('what an event takes of the file is the same whether the migration, SQL or the outbox counts it', async ({
  site,
  dir,
}) => {
  oldFile(join(dir, 'hub.sqlite'));
  const first = await site.open();
  const migrated = first.outbox.lane(0).bytes;
  const lengths = [0, 100, 1000, 2010, 2100, 4000, 4080, 9000];
  for (const length of lengths) {
    await first.outbox.enqueue({ type: 'hub.started', body: { version: 'x'.repeat(length), bootId: BOOTS[0] } });
  }
  const { bytes } = first.outbox.lane(0);
  const again = await site.open();
  expect(again.outbox.lane(0).bytes).toBe(bytes);
  again.outbox.noteSent(0, 6);
  again.database.write(() => again.outbox.acknowledge(0, 6));
  expect(again.outbox.lane(0).bytes).toBe(bytes - migrated);
  again.database.write(() => again.outbox.acknowledge(0, 6 + lengths.length));
  expect(again.outbox.lane(0).bytes).toBe(0);
});
