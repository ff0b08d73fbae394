import { expect } from 'vitest';
import type { HubEvent } from '../../contract/index.js';
import { aDisplay, test as base, eventsOf, NO_WEAR, PAGE } from '../../test/support/hub-site.js';
import { Ledger } from './ledger.js';
import type { Store } from './store.js';

const HASH = 'a'.repeat(64);
const LARGE: HubEvent = { type: 'hub.started', body: { version: 'x'.repeat(900_000), bootId: HASH } };

function ledgerOf(store: Store, isAlone: boolean) {
  const displayId = aDisplay(store);
  const ledger = new Ledger({ ...store, isAlone, now: () => 0 });
  const show = (presentationId: string, origin: 'cloud' | 'local') => {
    ledger.accept({ presentationId, displayId, cmdId: null, origin, page: PAGE, askedMs: 0 });
    const proof = {
      displayId,
      presentationId,
      frameSha256: HASH,
      refresh: 'full',
      wear: NO_WEAR,
      paintedMs: 0,
    } as const;
    return ledger.confirm(proof);
  };
  const types = () => eventsOf(store).map(({ type }) => type);
  return { show, types };
}

const test = base.extend('alone', ({ store }) => ledgerOf(store, true));

test('a hub with a cloud tells it of what is shown, whoever asked', ({ store }) => {
  const { show, types } = ledgerOf(store, false);
  expect(show('one', 'local')).toBeDefined();
  expect(types()).toEqual(['presentation.received', 'presentation.confirmed']);
});

// Events for nobody filled lane 0 within months, and then the hub took nothing new.
test('a hub that works alone keeps nothing of what is shown at it, and still tells the end of what a cloud asked for', ({
  alone: { show, types },
}) => {
  expect(show('one', 'local')).toBeDefined();
  expect(types()).toEqual([]);
  expect(show('two', 'cloud')).toBeDefined();
  expect(types()).toEqual(['presentation.received', 'presentation.confirmed']);
});

test('a hub that works alone takes new messages, however much it once kept for a cloud', ({
  store,
  alone: { show },
}) => {
  store.database.write(() => {
    while (store.outbox.hasRoom()) store.outbox.append(LARGE);
  });
  const rows = store.outbox.depth();
  expect(show('one', 'local')).toBeDefined();
  expect(store.outbox.depth()).toBe(rows);
});
