import { expect, test } from 'vitest';
import { aFrame, SILENT } from '../../test/support/hub-site.js';
import type { JobKind } from './job.js';
import { JobQueue } from './job-queue.js';

/** A queue whose ledger writes down what it is told; what is asked for is ready at once. */
function aQueue() {
  const told: string[] = [];
  const ledger = {
    supersede: (id: string, by: string | null) => void told.push(`${id} by ${by}`),
    fail: (id: string) => void told.push(`${id} failed`),
  };
  const queue = new JobQueue({ ledger, log: SILENT });
  const ask = (kind: JobKind, presentationId: string | null = null) => {
    const prepared = { ok: true, frame: aFrame(1), renderedMs: 0, stored: Promise.resolve() } as const;
    const job = queue.submit({ kind, presentationId, prepare: async () => prepared });
    if (!job.isRedraw) job.prepared = prepared;
    return job;
  };
  return { queue, told, ask };
}

test('kinds have their turn in the order of asking, on glass that rests the newest before what is drawn again', () => {
  const { queue, ask } = aQueue();
  const redraw = ask('redraw');
  const content = ask('content', 'a');
  const screen = ask('screen');
  const turns = (newestFirst: boolean) => queue.next({ newestFirst });
  expect(turns(false)).toBe(redraw);
  expect(turns(true)).toBe(screen);
  queue.take(screen);
  expect(turns(true)).toBe(content);
  queue.take(content);
  expect(turns(true)).toBe(redraw);
});

test('what is painted ends the screens that were asked for before it, and no others', async () => {
  const { queue, told, ask } = aQueue();
  const before = ask('screen');
  const content = ask('content', 'a');
  queue.take(content);
  queue.lapseScreens(content);
  expect(await before.done).toEqual({ state: 'superseded', by: 'a' });
  ask('screen');
  queue.lapseScreens(content);
  expect(queue.isEmpty).toBe(false);
  expect(told).toEqual([]);
});

// The last household's message came back onto the blank glass.
test('a job that is forgotten while it is painted does not come back when that fails', async () => {
  const { queue, told, ask } = aQueue();
  const job = ask('content', 'a');
  queue.take(job);
  queue.forget((id) => id === 'a');
  expect(await job.done).toEqual({ state: 'superseded', by: null });
  expect(queue.putBack(job)).toBe(false);
  expect([queue.isEmpty, told]).toEqual([true, []]);
});

// A command that began in the moment of the stop kept the hub from stopping.
test('what is asked of a queue that has stopped ends at once', async () => {
  const { queue, ask } = aQueue();
  const waiting = ask('content', 'a');
  queue.stop();
  for (const job of [waiting, ask('redraw')]) expect(await job.done).toEqual({ state: 'stopped' });
});

test('a job that failed comes back unless something newer of its kind waits', async () => {
  const { queue, told, ask } = aQueue();
  const older = ask('content', 'a');
  queue.take(older);
  expect(queue.putBack(older)).toBe(true);
  queue.take(older);
  ask('content', 'b');
  expect(queue.putBack(older)).toBe(false);
  expect(await older.done).toEqual({ state: 'superseded', by: 'b' });
  expect(told).toEqual(['a by b']);
});
