import { existsSync, mkdirSync, readdirSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test as plain } from 'vitest';
import type { HubEvent } from '../../../contract/index.js';
import { HubError } from '../../../hub/errors.js';
import type { Store } from '../../../hub/storage/store.js';
import { eventsIn } from '../power/events-in.js';
import { openIn } from '../power/filled-store.js';
import { mountSmallCard } from './small-card.js';

const MIB = 1024 * 1024;
/** So much that the store takes in its ballast of 8 MiB. */
const CARD_BYTES = 48 * MIB;
const AT = '2026-01-01T00:00:00.000Z';
const STARTED: HubEvent = {
  type: 'hub.started',
  body: { version: 'x'.repeat(2_000), bootId: '01890000-0000-7000-8000-000000000001' },
};
const WARNED: HubEvent = {
  type: 'hub.warned',
  body: { at: AT, level: 'warn', mod: 'a', message: 'y'.repeat(2_000), code: null, count: 1 },
};
const LIMIT_MS = 60_000;

const test = plain.extend('dir', async ({ task: _ }, { onCleanup }) => {
  const card = mountSmallCard(CARD_BYTES);
  onCleanup(() => card.unmount());
  return card.dir;
});

/** Somebody else's file takes what is free, but for so many bytes. */
function fillUp(dir: string, leaveBytes = 0): void {
  const { bavail, bsize } = statfsSync(dir);
  writeFileSync(join(dir, 'somebody-elses'), Buffer.alloc(Math.max(0, bavail * bsize - leaveBytes)));
}

async function keep({ outbox }: Store, event: HubEvent, count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 100)
    await Promise.all(Array.from({ length: 100 }, () => outbox.enqueue(event)));
}

/** Says that the database is damaged, as the hub that found it. */
function mark(dir: string): void {
  const told = { keptAs: 'hub.sqlite.damaged-2', what: 'a page that is not what it was' };
  writeFileSync(join(dir, 'hub.sqlite.suspect'), JSON.stringify(told));
}

test(
  'after an orderly stop a hub starts on a card that has become full, by its ballast, with all that it had',
  async ({ dir }) => {
    const store = await openIn(dir);
    await store.upkeep.round();
    await keep(store, STARTED, 200);
    await store.close();
    fillUp(dir);
    const again = await openIn(dir);
    expect(eventsIn(again.outbox).events).toHaveLength(200);
    expect(existsSync(join(dir, 'ballast'))).toBe(false);
    // The room that the ballast gave is not for new events. What the cloud takes makes room, as on any full card.
    expect(again.database.growthPages()).toBeLessThan(20);
    again.database.write(() => again.outbox.acknowledge(0, 200));
    expect(await again.outbox.enqueue(STARTED)).toMatchObject({ seq: 201 });
    await again.close();
  },
  LIMIT_MS,
);

test(
  'a full card without ballast gives up what was set aside long ago, and pictures, before a start fails',
  async ({ dir }) => {
    const store = await openIn(dir);
    await keep(store, STARTED, 200);
    await store.close();
    writeFileSync(join(dir, 'hub.sqlite.damaged-1'), Buffer.alloc(MIB));
    writeFileSync(join(dir, 'assets', 'a'.repeat(64)), Buffer.alloc(MIB));
    fillUp(dir);
    const again = await openIn(dir);
    expect(eventsIn(again.outbox).events).toHaveLength(200);
    expect(readdirSync(dir)).not.toContain('hub.sqlite.damaged-1');
    expect(readdirSync(join(dir, 'assets'))).toHaveLength(1);
    await again.close();
  },
  LIMIT_MS,
);

test(
  'damage that is found on a full card is marked, by the room of the ballast',
  async ({ dir }) => {
    const store = await openIn(dir);
    await store.upkeep.round();
    fillUp(dir);
    store.database.told(new HubError('storage.damaged', 'a page that is not what it was'));
    expect(readdirSync(dir)).toContain('hub.sqlite.suspect');
    await store.close();
  },
  LIMIT_MS,
);

test(
  'damage on a card without room for a second file costs warnings before news, and each of them is named',
  async ({ dir }) => {
    const store = await openIn(dir);
    await keep(store, STARTED, 400);
    await keep(store, WARNED, 4_000);
    await store.close();
    mkdirSync(join(dir, 'assets'), { recursive: true });
    writeFileSync(join(dir, 'assets', 'a'.repeat(64)), Buffer.alloc(MIB));
    mark(dir);
    fillUp(dir, 3 * MIB);
    const again = await openIn(dir);
    expect(again.salvaged).toMatchObject({ events: 400, missing: 4_000, knowsEpoch: true });
    expect(readdirSync(join(dir, 'assets'))).toEqual([]);
    expect(again.outbox.lane(3)).toMatchObject({ rows: 0, nextSeq: 4_001 });
    await again.close();
  },
  LIMIT_MS,
);

test(
  'damage on a card without any room is no reason to stay down',
  async ({ dir }) => {
    const store = await openIn(dir);
    await keep(store, STARTED, 1_000);
    const { epoch } = store.outbox;
    await store.close();
    mark(dir);
    fillUp(dir, MIB);
    const again = await openIn(dir);
    expect(again.outbox.epoch).not.toBe(epoch);
    expect(again.salvaged).toMatchObject({ events: 0, missing: 1_000 });
    expect(again.meta.get('damaged_at')).toBeDefined();
    await again.close();
  },
  LIMIT_MS,
);
