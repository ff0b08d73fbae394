import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { test as base, expect } from 'vitest';
import type { NewEntry } from './entry.js';
import { Journal, readJournal } from './journal.js';

const CLOCK = { now: () => Date.UTC(2026, 2, 1) };
const HW_ID = '00112233445566778899';
const IDENTITY = { tagUid: '04000000000001', hwId: HW_ID, keyId: 1, model: 1, batch: 7 };
const INTENDED: NewEntry = { event: 'intended', ...IDENTITY, box: 'box' };
const TAGGED: NewEntry = { event: 'tagged', ...IDENTITY, how: 'made', locked: true };

const test = base
  .extend('dir', async ({ task }, { onCleanup }) => {
    const dir = await mkdtemp(path.join(tmpdir(), `inklet-journal-${task.id.slice(-8)}-`));
    onCleanup(() => rm(dir, { recursive: true, force: true }));
    return dir;
  })
  .extend('file', ({ dir }) => path.join(dir, 'journal.jsonl'));

async function noted(file: string, ...entries: NewEntry[]): Promise<void> {
  const journal = await Journal.open(file, CLOCK);
  for (const entry of entries) await journal.append(entry);
  await journal.close();
}

async function recordsIn(file: string) {
  const journal = await Journal.open(file, CLOCK);
  await journal.close();
  return journal.records;
}

test('what was noted is known to the next run, for its owner alone', async ({ file }) => {
  await noted(file, INTENDED, TAGGED, { event: 'registered', hwId: HW_ID, state: 'MADE' });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await recordsIn(file)).toEqual([
    {
      ...IDENTITY,
      box: 'box',
      tagged: { at: '2026-03-01T00:00:00.000Z', how: 'made', locked: true },
      registration: { state: 'registered', at: '2026-03-01T00:00:00.000Z', hardware: 'MADE' },
    },
  ]);
});

test('a line that a power cut has torn was never acknowledged, and spoils no other', async ({ file }) => {
  await noted(file, INTENDED, TAGGED);
  const whole = await readFile(file, 'utf8');
  const end = fc.integer({ min: whole.indexOf('\n') + 1, max: whole.length - 1 });
  await fc.assert(
    fc.asyncProperty(end, async (at) => {
      await writeFile(file, whole.slice(0, at));
      expect((await recordsIn(file))[0]?.tagged).toBeUndefined();
      await noted(file, TAGGED);
      expect(await readFile(file, 'utf8')).toBe(whole);
    }),
    { numRuns: 20 },
  );
});

test.for<[string, string]>([
  ['no JSON', 'half of a line\n'],
  ['another version', '{"v":2,"at":"2026-03-01T00:00:00.000Z","event":"tagged"}\n'],
  [
    'a hardware id that is none',
    '{"v":1,"at":"2026-03-01T00:00:00.000Z","event":"registered","hwId":"x","state":"MADE"}\n',
  ],
])('a line that is %s is named, and nothing is thrown away', async ([, line], { file }) => {
  await noted(file, INTENDED);
  await appendFile(file, line);
  const before = await readFile(file, 'utf8');
  const damaged = { code: 'tech.journal-damaged', message: expect.stringContaining('line 2') };
  await expect(Journal.open(file, CLOCK)).rejects.toMatchObject(damaged);
  expect(await readFile(file, 'utf8')).toBe(before);
});

test('one run has it at a time, and it is free again afterwards', async ({ dir, file }) => {
  const first = await Journal.open(file, CLOCK);
  const inUse = { code: 'tech.journal-in-use' };
  await expect(Journal.open(file, CLOCK)).rejects.toMatchObject(inUse);
  await expect(Journal.open(path.join(dir, '.', 'journal.jsonl'), CLOCK)).rejects.toMatchObject(inUse);
  await first.close();
  await (await Journal.open(file, CLOCK)).close();
});

test('it is read while a run has it, and where there is none there is nothing', async ({ dir, file }) => {
  const journal = await Journal.open(file, CLOCK);
  await journal.append(INTENDED);
  await appendFile(file, '{"v":1,');
  expect(await readJournal(file)).toEqual(journal.records);
  await journal.close();
  expect(await readJournal(path.join(dir, 'none'))).toEqual([]);
  await expect(readJournal(dir)).rejects.toMatchObject({ code: 'tech.file-unreadable' });
});

test('a folder that is not there is told', async ({ dir }) => {
  const missing = path.join(dir, 'nowhere', 'journal.jsonl');
  await expect(Journal.open(missing, CLOCK)).rejects.toMatchObject({ code: 'tech.file-unwritable' });
  await expect(Journal.open(dir, CLOCK)).rejects.toMatchObject({ code: 'tech.file-unwritable' });
});

test('notes that are made at once stand one after the other', async ({ file }) => {
  const journal = await Journal.open(file, CLOCK);
  const hwIds = Array.from({ length: 20 }, (_, at) => at.toString(16).padStart(20, '0'));
  await Promise.all(hwIds.map((hwId) => journal.append({ ...INTENDED, hwId })));
  await journal.close();
  expect((await recordsIn(file)).map(({ hwId }) => hwId)).toEqual(hwIds);
});

// Symptom: after a rewrite that failed there was no label to print, and sync never sent the hardware.
test('a rewrite that never came to its end forgets nothing of what the tag was', async ({ file }) => {
  const registered: NewEntry = { event: 'registered', hwId: HW_ID, state: 'MADE' };
  await noted(file, INTENDED, TAGGED, registered);
  const [before] = await recordsIn(file);
  await noted(file, { ...INTENDED, batch: 8, tagUid: '04000000000002' });
  expect(await recordsIn(file)).toEqual([{ ...before, writing: '04000000000002' }]);
  const journal = await Journal.open(file, CLOCK);
  expect(journal.byTag('04000000000002')).toEqual(journal.byTag(IDENTITY.tagUid));
  await journal.close();
  await noted(file, { ...TAGGED, batch: 8, tagUid: '04000000000002' });
  expect((await recordsIn(file))[0]).toMatchObject({
    batch: 8,
    tagUid: '04000000000002',
    writing: undefined,
    registration: { state: 'queued' },
  });
});

test('a tag that is made with other facts has to be registered again', async ({ file }) => {
  const registered: NewEntry = { event: 'registered', hwId: HW_ID, state: 'MADE' };
  await noted(file, INTENDED, TAGGED, registered, { ...TAGGED, how: 'verified' });
  expect((await recordsIn(file))[0]?.registration.state).toBe('registered');
  await noted(file, { ...TAGGED, batch: 8 });
  expect((await recordsIn(file))[0]?.registration.state).toBe('queued');
});
