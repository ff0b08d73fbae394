import { expect } from 'vitest';
import { aDisplay, aText, SILENT, test } from '../test/support/hub-site.js';
import { commandHandler } from './cloud-side.js';
import { Intake } from './executor/intake.js';
import type { Store } from './storage/store.js';

const TOPIC = 'inklet/dev/inklet-aaaaaaaaaaaaaaaa/down/cmd';

function handlerOf({ database, inbox, ledger, outbox, displays }: Store) {
  const hints: number[] = [];
  database.write(() => inbox.enterGen('g1'));
  const hasDisplay = (displayId: string) => displays.get(displayId) !== undefined;
  const intake = new Intake({ database, inbox, ledger, hasDisplay, log: SILENT });
  const sync = { hint: () => void hints.push(outbox.depth()) };
  const handler = commandHandler({ topic: TOPIC, intake, sync, log: SILENT });
  return { hints, handle: (topic: string, payload: Buffer) => handler({ topic, payload }) };
}

const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));

test('a pushed command is on disk when its handler is done, so that it may be acknowledged', async ({ store }) => {
  const { handle, hints } = handlerOf(store);
  const command = aText({ downSeq: 1, displayId: aDisplay(store) });
  await handle(TOPIC, bytes(command));
  expect(store.inbox.get(command.cmdId)?.state).toBe('NEW');
  expect(hints).toEqual([]);
});

test("another hub's command is not taken, whatever it says", async ({ store }) => {
  const { handle } = handlerOf(store);
  const command = aText({ downSeq: 1, displayId: aDisplay(store) });
  await handle(TOPIC.replace('aaaa', 'bbbb'), bytes(command));
  expect(store.inbox.get(command.cmdId)).toBeUndefined();
});

test('a hint, and what cannot be read or placed, is cleared up by a sync; noise is not', async ({ store }) => {
  const { handle, hints } = handlerOf(store);
  const command = aText({ downSeq: 1, displayId: aDisplay(store), gen: 'g9' });
  for (const message of [{ v: 1, hint: 'sync' }, command, { v: 1, kind: 'text' }, []]) {
    await handle(TOPIC, bytes(message));
  }
  expect(hints).toHaveLength(4);
  for (const noise of [Buffer.alloc(0), Buffer.from('{'), Buffer.of(0xff, 0xfe), Buffer.alloc(129 * 1024, 0x5b)]) {
    await handle(TOPIC, noise);
  }
  expect(hints).toHaveLength(4);
  expect(store.inbox.waiting()).toEqual([]);
});

test('a command for which there is no room is not acknowledged', async ({ store }) => {
  const { handle } = handlerOf(store);
  const displayId = aDisplay(store);
  const filler = { type: 'hub.started', body: { version: 'x'.repeat(900_000), bootId: displayId } } as const;
  store.database.write(() => {
    while (store.outbox.hasRoom()) store.outbox.append(filler);
  });
  expect(() => handle(TOPIC, bytes(aText({ downSeq: 1, displayId })))).toThrow(
    expect.objectContaining({ code: 'outbox.full' }),
  );
});
