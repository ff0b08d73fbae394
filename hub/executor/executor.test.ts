import { expect } from 'vitest';
import type { Command } from '../../contract/index.js';
import { aDisplay, aText, eventsOf, SILENT, StillClock, settle, test } from '../../test/support/hub-site.js';
import { HubError } from '../errors.js';
import type { Store } from '../storage/store.js';
import { type Effect, Executor, type Perform } from './executor.js';
import { Intake } from './intake.js';

const APPLIED: Effect = { settled: false, result: { state: 'applied', code: null, message: null } };
const ID = '01890000-0000-7000-8000-000000000001';

function intakeOf({ database, inbox, ledger }: Store): Intake {
  database.write(() => inbox.enterGen('g1'));
  return new Intake({ database, inbox, ledger, hasDisplay: () => true, log: SILENT });
}

function executorOf({ inbox, ledger }: Store, perform: Perform, clock = new StillClock()): Executor {
  return new Executor({ inbox, ledger, perform, clock, log: SILENT });
}

function aReboot(downSeq: number, more: { remainingMs?: number } = {}) {
  const { body: _body, ...text } = aText({ downSeq, displayId: ID });
  return { ...text, ...more, slot: 'system', kind: 'reboot', body: {} };
}

function aRefresh(downSeq: number) {
  return { ...aReboot(downSeq), slot: `refresh:${ID}`, kind: 'refresh', body: { displayId: ID } };
}

/** Leaves not even room for one more event. */
function fill(store: Store): void {
  limitPages(store, 0);
  const event = { type: 'hub.started', body: { version: '1', bootId: ID } } as const;
  expect(() => {
    for (;;) store.database.write(() => store.outbox.append(event));
  }).toThrow(expect.objectContaining({ code: 'storage.full' }));
}

/** Lets the database grow by so many pages and no more. */
function limitPages({ database }: Store, more: number): void {
  const pages = database.prepare<[], { page_count: number }>('PRAGMA page_count').get()?.page_count ?? 0;
  database.prepare(`PRAGMA max_page_count = ${pages + more}`).get();
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

test('a redraw in whose middle the hub was killed runs again, three times at most', async ({ store }) => {
  intakeOf(store).take(aRefresh(1));
  let runs = 0;
  for (let restart = 1; restart <= 4; restart += 1) {
    const killed = executorOf(store, () => {
      runs += 1;
      return new Promise(() => undefined);
    });
    killed.start();
    await settle();
  }
  expect(runs).toBe(3);
  expect(results(store)).toMatchObject([{ body: { state: 'failed', code: 'command.too-many-attempts' } }]);
});

// Three restarts of the hub while the glass rested, and the message was lost.
test.for([
  ['ends with the hub', async (): Promise<Effect> => ({ settled: true })],
  ['fails because of it', () => Promise.reject(new RangeError('stopped'))],
] as const)('a command that waits and %s is taken up at each start, however often', async ([, end], { store }) => {
  const command = aRefresh(1);
  intakeOf(store).take(command);
  for (let restart = 1; restart <= 5; restart += 1) {
    const executor = executorOf(store, async (_command, signal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return end();
    });
    executor.start();
    await settle();
    expect(store.inbox.get(command.cmdId)).toMatchObject({ state: 'STARTED', attempts: 1 });
    await executor.stop();
    expect(store.inbox.get(command.cmdId)).toMatchObject({ state: 'NEW', attempts: 0 });
  }
  const executor = executorOf(store, async () => APPLIED);
  executor.start();
  await settle();
  expect(results(store)).toMatchObject([{ body: { state: 'applied' } }]);
  await executor.stop();
});

test('a command that must not be repeated stays begun when the hub stops in its middle', async ({ store }) => {
  const command = aReboot(1);
  intakeOf(store).take(command);
  const executor = executorOf(store, async (_command, signal) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    return { settled: true };
  });
  executor.start();
  await settle();
  await executor.stop();
  expect(store.inbox.get(command.cmdId)).toMatchObject({ state: 'STARTED', attempts: 1 });
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

// A full card made a hub try the same command thousands of times a second.
test('a command that cannot even begin waits for room, and runs once there is some', async ({ store }) => {
  const clock = new StillClock();
  let runs = 0;
  const perform: Perform = async () => {
    runs += 1;
    return APPLIED;
  };
  const executor = executorOf(store, perform, clock);
  intakeOf(store).take(aRefresh(1));
  store.database.prepare('ALTER TABLE inbox RENAME COLUMN attempts TO attempts_away').run();
  executor.start();
  await settle();
  expect(clock.sleeping).toEqual([5000]);
  store.database.prepare('ALTER TABLE inbox RENAME COLUMN attempts_away TO attempts').run();
  clock.advance(5000);
  await settle();
  expect(runs).toBe(1);
  expect(results(store)).toMatchObject([{ body: { state: 'applied' } }]);
  await executor.stop();
});

test('the end of a command is stored once there is room, without running it again', async ({ store }) => {
  const clock = new StillClock();
  let runs = 0;
  const executor = executorOf(
    store,
    async () => {
      runs += 1;
      fill(store);
      return APPLIED;
    },
    clock,
  );
  const command = aRefresh(1);
  intakeOf(store).take(command);
  executor.start();
  await settle();
  expect(store.inbox.get(command.cmdId)?.state).toBe('STARTED');
  limitPages(store, 1000);
  clock.advance(5000);
  await settle();
  expect([runs, store.inbox.get(command.cmdId)?.state]).toEqual([1, 'DONE']);
  await executor.stop();
});

test('of two incarnations of the cloud the newer goes first, whatever the revisions say', async ({ store }) => {
  const displayId = aDisplay(store);
  const intake = intakeOf(store);
  const old = aText({ downSeq: 1, displayId, rev: 9 });
  intake.take(old);
  store.database.write(() => store.inbox.enterGen('g2'));
  const newer = aText({ downSeq: 1, displayId, rev: 1, gen: 'g2' });
  intake.take(newer);
  expect(store.inbox.waiting().map(({ cmdId }) => cmdId)).toEqual([newer.cmdId]);
});

test('leaving a household is not begun before it is done, so that a power cut leaves it to be done', async ({
  site,
}) => {
  const store = await site.open();
  const command = { ...aReboot(1), slot: 'claim', kind: 'unbound', body: { reason: 'released' } };
  intakeOf(store).take(command);
  const killed = executorOf(store, () => new Promise(() => undefined));
  killed.start();
  await settle();
  const again = await site.open();
  const executor = executorOf(again, async () => APPLIED);
  executor.start();
  await settle();
  expect(results(again)).toMatchObject([{ body: { kind: 'unbound', state: 'applied' } }]);
  await executor.stop();
});

test('a command that waits behind another expires when its time is over, not when its turn comes', async ({
  store,
  site,
}) => {
  let end = () => {};
  const running = new Promise<void>((resolve) => {
    end = resolve;
  });
  const executor = executorOf(
    store,
    async () => {
      await running;
      return APPLIED;
    },
    site.clock,
  );
  executor.start();
  const intake = intakeOf(store);
  intake.take(aRefresh(1));
  await settle();
  const late = { ...aRefresh(2), remainingMs: 5000 };
  intake.take(late);
  await settle();
  site.clock.advance(4999);
  await settle();
  expect(results(store)).toEqual([]);
  site.clock.advance(1);
  await settle();
  expect(results(store)).toMatchObject([{ body: { cmdId: late.cmdId, state: 'expired' } }]);
  end();
  await settle();
  expect(results(store)).toHaveLength(2);
  await executor.stop();
});

test('an effect that had to wait asks whether it is late, and is expired then', async ({ store, site }) => {
  const executor = executorOf(store, async (_command, _signal, isOverdue) => {
    site.clock.advance(1000);
    if (isOverdue()) throw new HubError('command.deadline-passed', 'late');
    return APPLIED;
  });
  executor.start();
  const intake = intakeOf(store);
  intake.take(aReboot(1, { remainingMs: 1001 }));
  await settle();
  intake.take(aReboot(2, { remainingMs: 1000 }));
  await settle();
  expect(results(store).map(({ body }) => body)).toMatchObject([{ state: 'applied' }, { state: 'expired' }]);
  await executor.stop();
});

// A hub whose clock was still in 1970 when a command came took it for overdue at its next start, with the clock set.
test('after a restart the deadline is the time of the cloud, and only a trusted clock can pass it', async ({
  site,
}) => {
  const store = await site.open();
  site.clock.jumpWall(-30 * 365 * DAY_MS);
  const command = { ...aRefresh(1), remainingMs: 3_600_000, deadlineAt: '2026-01-01T01:00:00.000Z' };
  intakeOf(store).take(command);
  site.clock.jumpWall(30 * 365 * DAY_MS);
  const again = await site.open();
  const row = again.inbox.waiting()[0];
  const isOverdue = () => row !== undefined && again.inbox.isOverdue(row);
  again.boot.heardServerTime(site.clock.now());
  expect(isOverdue()).toBe(false);
  site.clock.advance(3_600_000);
  expect(isOverdue()).toBe(true);
  site.clock.jumpWall(DAY_MS);
  expect(isOverdue()).toBe(false);
});

const DAY_MS = 86_400_000;
