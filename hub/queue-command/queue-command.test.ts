import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { z } from 'zod';
import { aText, test as base, SILENT, type Site } from '../../test/support/hub-site.js';
import { Intake } from '../executor/intake.js';
import { QueueFile } from '../storage/queue-file.js';
import type { Store } from '../storage/store.js';
import { exportLines } from './export-lines.js';
import { inspect } from './inspect.js';
import { verify } from './verify.js';

const run = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, '../..');
const LineSchema = z.looseObject({ kind: z.string() });
const AT = '2026-01-01T00:00:00.000Z';
const [HOUSEHOLD, DISPLAY, RECEIPT] = ['The Larks', 'Over the oven', 'a'.repeat(64)];
const SECRET = 'Gran has her birthday on Sunday';

/** A store with something of everything in its queue. */
const test = base.extend('filled', async ({ store }): Promise<Store> => {
  const { outbox, registers, inbox, ledger, database } = store;
  for (let n = 0; n < 3; n += 1) {
    await outbox.enqueue({ type: 'hub.started', body: { version: `${n}`, bootId: store.boot.id } });
    await outbox.enqueue({ type: 'link.changed', body: { at: AT, connected: n % 2 === 0, reason: null } });
  }
  database.write(() => outbox.acknowledge(0, 0));
  registers.set('state', { displays: [{ name: DISPLAY }] });
  await outbox.enqueue({
    type: 'binding.local',
    body: { bindingId: store.boot.id, householdName: HOUSEHOLD, at: AT, receiptSha256: RECEIPT },
  });
  database.write(() => inbox.enterGen('g1'));
  const intake = new Intake({ database, inbox, ledger, hasDisplay: () => true, log: SILENT });
  const displayId = store.displays.ensure('7in5_V2', {
    displayId: '01890000-0000-7000-8000-00000000000a',
    name: 'Kitchen',
    atMs: 0,
  }).displayId;
  const command = aText({ downSeq: 1, displayId });
  intake.take({ ...command, body: { ...command.body, page: { ...command.body.page, text: SECRET } } });
  return store;
});

function reading<T>({ dir }: Pick<Site, 'dir'>, read: (file: QueueFile) => T): T {
  const file = QueueFile.open(dir);
  try {
    return read(file);
  } finally {
    file.close();
  }
}

test('the queue of a hub that runs is looked into, and is as it must be', async ({ filled, site }) => {
  const { lanes, registers, commands, epoch } = reading(site, inspect);
  expect(epoch).toBe(filled.outbox.epoch);
  expect(lanes.map(({ rows, acked, last }) => [rows, acked, last])).toEqual([
    [5, 0, 5],
    [3, 0, 3],
    [0, 0, 0],
    [0, 0, 0],
  ]);
  expect(registers).toEqual({ kept: 1, unsent: 1 });
  expect(commands).toEqual({ NEW: 1 });
  expect(reading(site, verify)).toMatchObject({ ok: true, events: 8, problems: [] });
  // The hub writes on while somebody reads.
  const file = QueueFile.open(site.dir);
  await filled.outbox.enqueue({ type: 'hub.started', body: { version: '9', bootId: filled.boot.id } });
  expect(verify(file).events).toBe(8);
  file.close();
  expect(reading(site, verify).events).toBe(9);
});

test('an export holds every event in order, and nothing that the household wrote', async ({ filled, site }) => {
  const text = reading(site, (file) => [...exportLines(file)].join(''));
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => LineSchema.parse(JSON.parse(line)));
  expect(lines.map(({ kind }) => kind)).toEqual([
    'queue',
    ...Array.from({ length: 8 }, () => 'event'),
    'register',
    'command',
  ]);
  const sent = filled.outbox.slice(0, { events: 10, bytes: 1e6 })?.events ?? [];
  expect(lines.slice(1, 4)).toMatchObject(
    sent.slice(0, 3).map(({ id, type, body }, index) => ({ seq: index + 1, id, type, body })),
  );
  for (const theirs of [SECRET, HOUSEHOLD, DISPLAY, RECEIPT]) expect(text).not.toContain(theirs);
  const named = reading(site, (file) => [...exportLines(file, { withNames: true })].join(''));
  for (const theirs of [HOUSEHOLD, DISPLAY]) expect(named).toContain(theirs);
  expect(named).not.toContain(SECRET);
});

test('what the file does not account for is named', async ({ filled, site }) => {
  filled.database.write(() => {
    filled.database.prepare('DELETE FROM log1 WHERE pos = 2').run();
    filled.database.prepare("UPDATE log0 SET body = '{' WHERE pos = 1").run();
    filled.database.prepare('UPDATE lane SET enqueued = enqueued + 5 WHERE lane = 3').run();
  });
  const { ok, problems } = reading(site, verify);
  expect(ok).toBe(false);
  expect(problems).toEqual(
    expect.arrayContaining([
      'lane 0: 1: its body is damaged',
      'lane 1: nothing accounts for 2 to 2',
      'lane 3: 5 were accepted, but 0 taken, 0 dropped and 0 held make another sum',
    ]),
  );
});

test('the command does what it says, and refuses what is no queue in a line', async ({ filled, site }) => {
  const command = (...argv: string[]) =>
    run(process.execPath, ['dist/hub/queue-command/main.js', ...argv], { cwd: ROOT });
  const verified = await command('verify', site.dir);
  expect(verified.stdout).toContain('8 events and 0 gaps, all as it must be');
  expect((await command('inspect', site.dir)).stdout).toContain(`epoch ${filled.outbox.epoch}`);
  const out = path.join(site.dir, 'export.jsonl');
  await command('export', site.dir, '--out', out);
  await expect(command('export', site.dir, '--out', out)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('file.unwritable: '),
  });
  const other = path.join(site.dir, 'letter');
  await writeFile(other, 'Dear Gran');
  for (const [file, code] of [
    [other, 'storage.damaged: '],
    [path.join(site.dir, 'nothing'), 'file.unreadable: '],
  ] as const) {
    await expect(command('verify', file)).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining(code) });
  }
  await expect(command('mend', site.dir)).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('config.invalid: '),
  });
});
