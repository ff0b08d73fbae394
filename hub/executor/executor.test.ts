import { expect } from 'vitest';
import type { Command } from '../../contract/index.js';
import { aDisplay, aText, eventsOf, SILENT, settle, test } from '../../test/support/hub-site.js';
import type { Store } from '../storage/store.js';
import { type Effect, Executor, type Perform } from './executor.js';
import { Intake } from './intake.js';

const APPLIED: Effect = { settled: false, result: { state: 'applied', code: null, message: null } };
const ID = '01890000-0000-7000-8000-000000000001';

function intakeOf({ database, inbox, ledger }: Store): Intake {
  database.write(() => inbox.enterGen('g1'));
  return new Intake({ database, inbox, ledger, hasDisplay: () => true, log: SILENT });
}

function executorOf({ inbox, ledger }: Store, perform: Perform): Executor {
  return new Executor({ inbox, ledger, perform, log: SILENT });
}

function aReboot(downSeq: number, more: { remainingMs?: number } = {}) {
  const { body: _body, ...text } = aText({ downSeq, displayId: ID });
  return { ...text, ...more, slot: 'system', kind: 'reboot', body: {} };
}

function aRefresh(downSeq: number) {
  return { ...aReboot(downSeq), slot: `refresh:${ID}`, kind: 'refresh', body: { displayId: ID } };
}

function results(store: Store) {
  return eventsOf(store).filter(({ type }) => type === 'cmd.result');
}

test('a command is STARTED on disk before its effect, and DONE with its event after it', async ({ store }) => {
  const seen: unknown[] = [];
  const executor = executorOf(store, async ({ cmdId }) => {
    seen.push(store.inbox.get(cmdId)?.state);
    return APPLIED;
  });
  executor.start();
  const command = aRefresh(1);
  intakeOf(store).take(command);
  await settle();
  expect(seen).toEqual(['STARTED']);
  expect(store.inbox.get(command.cmdId)?.state).toBe('DONE');
  expect(results(store)).toMatchObject([{ body: { cmdId: command.cmdId, kind: 'refresh', state: 'applied' } }]);
  await executor.stop();
});

test('a slot runs one at a time, slots beside each other', async ({ store }) => {
  const running: Command['kind'][] = [];
  const ends: (() => void)[] = [];
  const executor = executorOf(store, async ({ kind }) => {
    running.push(kind);
    await new Promise<void>((resolve) => ends.push(resolve));
    return APPLIED;
  });
  const intake = intakeOf(store);
  executor.start();
  intake.take(aRefresh(1));
  await settle();
  intake.take(aRefresh(2));
  intake.take(aReboot(3));
  await settle();
  expect(running).toEqual(['refresh', 'reboot']);
  for (const end of ends.splice(0)) end();
  await settle();
  expect(running).toEqual(['refresh', 'reboot', 'refresh']);
  for (const end of ends.splice(0)) end();
  await executor.stop();
});

test('a kind that must not be repeated is never run again after a restart', async ({ site }) => {
  const store = await site.open();
  const command = aReboot(1);
  intakeOf(store).take(command);
  store.inbox.start(command.cmdId);
  const again = await site.open();
  let runs = 0;
  const executor = executorOf(again, async () => {
    runs += 1;
    return APPLIED;
  });
  executor.start();
  await settle();
  expect(runs).toBe(0);
  expect(results(again)).toMatchObject([{ body: { state: 'unknown', code: 'command.interrupted' } }]);
  await executor.stop();
});

test('an interrupted redraw runs again, three times at most', async ({ store }) => {
  const command = aRefresh(1);
  intakeOf(store).take(command);
  let runs = 0;
  for (let restart = 1; restart <= 4; restart += 1) {
    const executor = executorOf(store, (_command, signal) => {
      runs += 1;
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    });
    executor.start();
    await settle();
    await executor.stop();
  }
  expect(runs).toBe(3);
  expect(results(store)).toMatchObject([{ body: { state: 'failed', code: 'command.too-many-attempts' } }]);
});

test('a command whose time is over never starts', async ({ store, site }) => {
  let runs = 0;
  const executor = executorOf(store, async () => {
    runs += 1;
    return APPLIED;
  });
  intakeOf(store).take(aReboot(1, { remainingMs: 1000 }));
  site.clock.advance(1000);
  executor.start();
  await settle();
  expect(runs).toBe(0);
  expect(results(store)).toMatchObject([{ body: { state: 'expired', code: 'command.deadline-passed' } }]);
  await executor.stop();
});

test('an effect that throws fails the command by its code, and the next one runs', async ({ store }) => {
  const executor = executorOf(store, async ({ kind }) => {
    if (kind === 'reboot') throw new TypeError('no');
    return APPLIED;
  });
  executor.start();
  const intake = intakeOf(store);
  intake.take(aReboot(1));
  intake.take(aRefresh(2));
  await settle();
  expect(results(store)).toMatchObject([
    { body: { kind: 'reboot', state: 'failed', code: 'command.failed', message: 'no' } },
    { body: { kind: 'refresh', state: 'applied' } },
  ]);
  await executor.stop();
});

test('a newer revision tells the running one who replaces it', async ({ store }) => {
  const displayId = aDisplay(store);
  const reasons: unknown[] = [];
  const executor = executorOf(store, (_command, signal) => {
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        reasons.push(signal.reason);
        resolve({ settled: true });
      });
    });
  });
  executor.start();
  const intake = intakeOf(store);
  intake.take(aText({ downSeq: 1, displayId }));
  await settle();
  const newer = aText({ downSeq: 2, displayId });
  intake.take(newer);
  await settle();
  expect(reasons).toMatchObject([{ code: 'display.superseded', details: { by: newer.body.presentationId } }]);
  await executor.stop();
});
