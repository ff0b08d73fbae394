import { expect } from 'vitest';
import { aDisplay, aText, eventsOf, PAGE, SILENT, test } from '../../test/support/hub-site.js';
import type { Store } from '../storage/store.js';
import { Intake } from './intake.js';

function intakeOf(store: Store): Intake {
  const { database, inbox, ledger, displays } = store;
  database.write(() => inbox.enterGen('g1'));
  const hasDisplay = (displayId: string) => displays.get(displayId) !== undefined;
  return new Intake({ database, inbox, ledger, hasDisplay, log: SILENT });
}

test('a command is in the inbox and its presentation received before anyone is answered', async ({ site }) => {
  const store = await site.open();
  const command = aText({ downSeq: 1, displayId: aDisplay(store) });
  expect(intakeOf(store).take(command)).toBe('new');
  const again = await site.open();
  expect(again.inbox.waiting()).toMatchObject([{ cmdId: command.cmdId, state: 'NEW', attempts: 0 }]);
  expect(eventsOf(again)).toMatchObject([
    { type: 'presentation.received', body: { presentationId: command.body.presentationId, origin: 'cloud' } },
  ]);
});

test('the same command by MQTT and by sync is one command', ({ store }) => {
  const intake = intakeOf(store);
  const command = aText({ downSeq: 1, displayId: aDisplay(store) });
  expect([intake.take(command), intake.take(command)]).toEqual(['new', 'known']);
  expect(store.inbox.waiting()).toHaveLength(1);
  expect(eventsOf(store)).toHaveLength(1);
});

test('only what came without a hole is acknowledged', ({ store }) => {
  const intake = intakeOf(store);
  const displayId = aDisplay(store);
  intake.take(aText({ downSeq: 2, displayId }));
  expect(store.inbox.cursor()).toEqual({ gen: 'g1', downAcked: 0 });
  intake.take(aText({ downSeq: 1, displayId, rev: 1 }));
  expect(store.inbox.cursor()).toEqual({ gen: 'g1', downAcked: 2 });
});

test('a newer revision ends the waiting ones of its slot, and a late older one never runs', ({ store }) => {
  const intake = intakeOf(store);
  const displayId = aDisplay(store);
  const old = aText({ downSeq: 1, displayId });
  const newer = aText({ downSeq: 3, displayId });
  const late = aText({ downSeq: 2, displayId });
  for (const command of [old, newer, late]) intake.take(command);
  expect(store.inbox.waiting().map(({ cmdId }) => cmdId)).toEqual([newer.cmdId]);
  const by = newer.body.presentationId;
  expect(eventsOf(store).map(({ type, body }) => [type, body])).toEqual([
    ['presentation.received', expect.anything()],
    ['presentation.received', expect.anything()],
    ['cmd.result', expect.objectContaining({ cmdId: old.cmdId, state: 'superseded' })],
    ['presentation.superseded', expect.objectContaining({ presentationId: old.body.presentationId, by })],
    ['presentation.received', expect.anything()],
    ['cmd.result', expect.objectContaining({ cmdId: late.cmdId, state: 'superseded' })],
    ['presentation.superseded', expect.objectContaining({ presentationId: late.body.presentationId })],
  ]);
});

// A hub rebooted twice for one command: the broker delivered its push once more after the cloud had ended it.
test('a push that comes when its command is over and forgotten is not a new command', ({ store }) => {
  const intake = intakeOf(store);
  const command = aText({ downSeq: 1, displayId: aDisplay(store) });
  intake.take(command);
  store.ledger.endCommand(command.cmdId, { state: 'failed', code: 'display.unknown', message: null });
  store.database.write(() => store.inbox.forget(1));
  // Whatever else the hub has forgotten of it.
  store.database.prepare('DELETE FROM inbox').run();
  expect(intake.take(command)).toBe('known');
  expect(store.inbox.waiting()).toEqual([]);
});

test('a restored cloud counts anew, and a command that it repeats stays one', ({ store }) => {
  const intake = intakeOf(store);
  const displayId = aDisplay(store);
  const first = aText({ downSeq: 7, displayId });
  intake.take(first);
  store.database.write(() => store.inbox.enterGen('g2'));
  expect(intake.take({ ...first, gen: 'g2', downSeq: 1 })).toBe('known');
  expect(store.inbox.cursor()).toEqual({ gen: 'g2', downAcked: 1 });
  expect(intake.take(aText({ downSeq: 8, displayId }))).toBe('foreign');
  expect(intake.take(aText({ downSeq: 2, displayId, gen: 'g2', rev: 8 }))).toBe('new');
  expect(store.inbox.waiting()).toHaveLength(1);
});

test('unknown kinds and broken bodies fail with a reason and are acknowledged', ({ store }) => {
  const intake = intakeOf(store);
  const displayId = aDisplay(store);
  intake.take({ ...aText({ downSeq: 1, displayId }), kind: 'dance', body: 42 });
  intake.take({ ...aText({ downSeq: 2, displayId }), body: { displayId } });
  intake.take(aText({ downSeq: 3, displayId: '01890000-0000-7000-8000-000000000000' }));
  expect(eventsOf(store).map(({ body }) => body)).toMatchObject([
    { kind: 'dance', state: 'failed', code: 'command.unknown-kind' },
    { kind: 'text', state: 'failed', code: 'command.invalid-body' },
    { kind: 'text', state: 'failed', code: 'display.unknown' },
  ]);
  expect(store.inbox.cursor().downAcked).toBe(3);
  expect(intake.take({ v: 1, kind: 'text' })).toBe('unreadable');
  expect(intake.take('garbage')).toBe('unreadable');
});

test('a tombstone keeps the sequence whole and ends a command that waits', ({ store }) => {
  const intake = intakeOf(store);
  const waiting = aText({ downSeq: 1, displayId: aDisplay(store) });
  intake.take(waiting);
  const { body: _body, kind: _kind, ...envelope } = waiting;
  expect(intake.take({ ...envelope, tombstone: 'expired' })).toBe('known');
  const unseen = aText({ downSeq: 2, displayId: waiting.body.displayId, rev: 9 });
  expect(intake.take({ ...envelope, cmdId: unseen.cmdId, downSeq: 2, rev: 9, tombstone: 'superseded' })).toBe('new');
  expect(store.inbox.waiting()).toEqual([]);
  expect(store.inbox.cursor().downAcked).toBe(2);
  expect(store.presentations.get(waiting.body.presentationId)?.state).toBe('failed');
});

test('what ended commands said is forgotten once the cloud has their end, and of no others', ({ store }) => {
  const intake = intakeOf(store);
  const displayId = aDisplay(store);
  const [first, second] = [aText({ downSeq: 1, displayId }), aText({ downSeq: 2, displayId })];
  intake.take(first);
  intake.take(second);
  store.database.write(() => store.inbox.forget(2));
  expect(store.inbox.get(first.cmdId)).toMatchObject({ state: 'DONE', body: '' });
  expect(store.inbox.get(second.cmdId)?.state).toBe('NEW');
});

// A hub carried out a second time whatever a cloud offered that had come back from a backup.
test('a command that has ended does not run again when a restored cloud offers it, which is told its end once more', ({
  store,
}) => {
  const intake = intakeOf(store);
  const [done, newer] = [1, 2].map((downSeq) => ({ ...aText({ downSeq, displayId: aDisplay(store) }), slot: 'a' }));
  if (done === undefined || newer === undefined) throw new RangeError('two commands');
  intake.take(done);
  intake.take(newer);
  store.database.write(() => store.inbox.forget(2));
  store.database.write(() => store.inbox.enterGen('g2'));
  const before = eventsOf(store).length;
  expect(intake.take({ ...done, gen: 'g2' })).toBe('known');
  expect(store.inbox.waiting().map(({ cmdId }) => cmdId)).toEqual([newer.cmdId]);
  expect(store.inbox.cursor()).toEqual({ gen: 'g2', downAcked: 1 });
  const told = { cmdId: done.cmdId, kind: 'text', state: 'superseded' };
  expect(eventsOf(store).slice(before)).toEqual([{ type: 'cmd.result', body: expect.objectContaining(told) }]);
  expect(intake.take({ ...done, gen: 'g2' })).toBe('known');
  expect(eventsOf(store)).toHaveLength(before + 1);
});

test('a full outbox refuses a command whole', ({ store }) => {
  const displayId = aDisplay(store);
  const filler = { type: 'hub.started', body: { version: 'x'.repeat(900_000), bootId: displayId } } as const;
  store.database.write(() => {
    while (store.outbox.hasRoom()) store.outbox.append(filler);
  });
  const command = aText({ downSeq: 1, displayId });
  expect(() => intakeOf(store).take(command)).toThrow(expect.objectContaining({ code: 'outbox.full' }));
  expect(store.inbox.get(command.cmdId)).toBeUndefined();
  expect(() => store.ledger.accept({ ...command.body, cmdId: null, origin: 'local', page: PAGE, askedMs: 0 })).toThrow(
    expect.objectContaining({ code: 'outbox.full' }),
  );
});

// One push of an incarnation that does not exist left a hub deaf to its cloud for good.
test('a push never moves the hub to another incarnation', ({ store }) => {
  const intake = intakeOf(store);
  const displayId = aDisplay(store);
  expect(intake.take(aText({ downSeq: 1, displayId, gen: 'zzz' }))).toBe('foreign');
  expect(store.inbox.cursor()).toEqual({ gen: 'g1', downAcked: 0 });
  expect(intake.take(aText({ downSeq: 1, displayId }))).toBe('new');
});

// The state that a hub told named nothing as pending, though the newer message was about to be drawn.
test('a late older revision does not hide the newer one that is pending', ({ store }) => {
  const intake = intakeOf(store);
  const displayId = aDisplay(store);
  const newer = aText({ downSeq: 2, displayId });
  intake.take(newer);
  intake.take(aText({ downSeq: 1, displayId }));
  expect(store.displays.get(displayId)?.pendingPresentationId).toBe(newer.body.presentationId);
});

// One such command made every reply of the cloud fail for good.
test('a known command at a place that another one holds does not stop those after it', ({ store }) => {
  const intake = intakeOf(store);
  const displayId = aDisplay(store);
  const [first, second] = [aText({ downSeq: 1, displayId }), aText({ downSeq: 2, displayId })];
  intake.take(first);
  intake.take(second);
  expect(intake.take({ ...first, downSeq: 2 })).toBe('known');
  expect(intake.take(aText({ downSeq: 3, displayId }))).toBe('new');
  expect(store.inbox.cursor().downAcked).toBe(3);
});
