import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test as plain } from 'vitest';
import type { HubEvent } from '../../../contract/index.js';
import { HubError } from '../../../hub/errors.js';
import type { LogPlace } from '../../../hub/storage/outbox.js';
import type { Store } from '../../../hub/storage/store.js';
import { eventsIn } from '../power/events-in.js';
import { openIn } from '../power/filled-store.js';
import { mountSmallCard } from './small-card.js';

const MIB = 1024 * 1024;
/** So much that the store takes in its ballast of 8 MiB. */
const CARD_BYTES = 48 * MIB;
const STARTED: HubEvent = {
  type: 'hub.started',
  body: { version: 'x'.repeat(2_000), bootId: '01890000-0000-7000-8000-000000000001' },
};
const LIMIT_MS = 120_000;

const test = plain
  .extend('card', async ({ task: _ }, { onCleanup }) => {
    const card = mountSmallCard(CARD_BYTES);
    onCleanup(() => card.unmount());
    return card;
  })
  .extend('store', async ({ card }, { onCleanup }) => {
    const store = await openIn(card.dir);
    onCleanup(() => store.close());
    return store;
  });

/** Somebody else's file takes what is free, but for so many bytes. */
function fillUp(dir: string, leaveBytes: number): string {
  const { bavail, bsize } = statfsSync(dir);
  const path = join(dir, 'somebody-elses');
  writeFileSync(path, Buffer.alloc(Math.max(0, bavail * bsize - leaveBytes)));
  return path;
}

/** Enqueues until it is refused; gives what was accepted and how it was refused. */
async function enqueueUntilRefused({ outbox }: Store): Promise<{ places: LogPlace[]; code: string }> {
  const places: LogPlace[] = [];
  for (;;) {
    try {
      places.push(await outbox.enqueue(STARTED));
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      return { places, code: error.code };
    }
  }
}

test(
  'a full card refuses by its name, keeps what it accepted, takes acknowledgements, and goes on when room comes',
  async ({ card, store }) => {
    await store.upkeep.round();
    const filler = fillUp(card.dir, 256 * 1024);
    const { places, code } = await enqueueUntilRefused(store);
    expect(code).toBe('storage.full');
    expect(places.length).toBeGreaterThan(20);
    const held = () => new Set(eventsIn(store.outbox).events.map(({ id }) => id));
    expect(places.every(({ id }) => held().has(id))).toBe(true);

    const half = Math.floor(places.length / 2);
    store.database.write(() => store.outbox.acknowledge(0, half));
    expect(store.outbox.lane(0)).toMatchObject({ acked: half });
    expect(await store.outbox.enqueue(STARTED)).toMatchObject({ seq: places.length + 1 });

    rmSync(filler);
    await store.upkeep.round();
    const more = await Promise.all(Array.from({ length: 200 }, () => store.outbox.enqueue(STARTED)));
    expect(more.at(-1)?.seq).toBe(places.length + 201);
    expect(places.slice(half).every(({ id }) => held().has(id))).toBe(true);
  },
  LIMIT_MS,
);

test(
  'a card that is full when the power goes still opens, with all that was accepted',
  async ({ card, store }) => {
    await store.upkeep.round();
    fillUp(card.dir, 256 * 1024);
    const { places } = await enqueueUntilRefused(store);
    store.database.close();
    const again = await openIn(card.dir);
    const there = new Set(eventsIn(again.outbox).events.map(({ id }) => id));
    expect(places.every(({ id }) => there.has(id))).toBe(true);
    again.database.write(() => again.outbox.acknowledge(0, places.length));
    expect(again.outbox.depth()).toBe(0);
    await again.close();
  },
  LIMIT_MS,
);
