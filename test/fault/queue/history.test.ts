import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test as base, expect } from 'vitest';
import { mergeHistories, readHistory } from './history-reader.js';
import { HistoryWriter, type Told } from './history-writer.js';

const test = base.extend('file', async ({ task: _task }, { onCleanup }) => {
  const dir = mkdtempSync(path.join(tmpdir(), 'inklet-history-'));
  onCleanup(() => rmSync(dir, { recursive: true }));
  return path.join(dir, 'hub-1.jsonl');
});

const call = (hash: string): Told => ({ step: 'enq.call', hub: 'h', lane: 1, hash });

function ticking(startMs: number) {
  let ms = startMs;
  return { now: () => ms++, monotonic: () => ms };
}

test('what was noted is read back, with when and by whom', ({ file }) => {
  const writer = new HistoryWriter(file, { proc: 'card-1', clock: ticking(1000) });
  writer.note(call('a'));
  writer.note({ step: 'crash', hub: 'h' });
  writer.close();
  expect(readHistory(file)).toEqual([
    { at: 1000, mono: 1001, proc: 'card-1', ...call('a') },
    { at: 1001, mono: 1002, proc: 'card-1', step: 'crash', hub: 'h' },
  ]);
});

test('a line that a kill cut off is no step, and the next process writes on after the whole ones', ({ file }) => {
  const first = new HistoryWriter(file, { proc: 'card-1', clock: ticking(1000) });
  first.note(call('a'));
  first.close();
  appendFileSync(file, '{"at":1001,"step":"enq.c');
  expect(readHistory(file).map(({ at }) => at)).toEqual([1000]);
  const second = new HistoryWriter(file, { proc: 'card-1', clock: ticking(2000) });
  second.note(call('b'));
  second.close();
  expect(readHistory(file).map(({ at }) => at)).toEqual([1000, 2000]);
});

test('a line that is whole and no step is named with its place', ({ file }) => {
  appendFileSync(file, '{"at":1,"mono":1,"proc":"p","step":"enq.maybe"}\n');
  expect(() => readHistory(file)).toThrow(/line 1/);
  expect(() => readHistory(file)).toThrow(expect.objectContaining({ code: 'history.unreadable' }));
});

test('the files of several processes become one order by time, each in its own order when a clock is set back', () => {
  const line = (at: number, proc: string) => ({ at, mono: at, proc, step: 'crash' as const });
  const merged = mergeHistories([
    [line(10, 'a'), line(30, 'a'), line(20, 'a')],
    [line(15, 'b'), line(25, 'b'), line(35, 'b')],
  ]);
  expect(merged.map(({ at, proc }) => `${proc}${at}`)).toEqual(['a10', 'b15', 'b25', 'a30', 'a20', 'b35']);
});
