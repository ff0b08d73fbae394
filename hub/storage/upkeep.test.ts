import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { HubEvent } from '../../contract/index.js';
import { test } from '../../test/support/hub-site.js';

const LARGE: HubEvent = {
  type: 'hub.warned',
  body: { at: '2026-01-01T00:00:00.000Z', level: 'warn', mod: 'a', message: 'x'.repeat(4000), code: null, count: 1 },
};
const FOUR_DAYS_MS = 4 * 24 * 60 * 60 * 1000;

test('a round gives up what is too old, and gives the room back to the card', async ({ site, dir }) => {
  const { outbox, upkeep, database } = await site.open();
  for (let batch = 0; batch < 4; batch += 1) {
    await Promise.all(Array.from({ length: 700 }, () => outbox.enqueue(LARGE)));
  }
  site.clock.advance(FOUR_DAYS_MS);
  await upkeep.round();
  database.checkpoint();
  expect(outbox.lane(3).rows).toBe(0);
  expect(outbox.figures().dropped).toEqual({ ttl: 2800 });
  expect(database.freePages()).toBeLessThanOrEqual(1024);
  expect(statSync(join(dir, 'hub.sqlite')).size).toBeLessThan(1200 * 4096);
  expect(existsSync(join(dir, 'ballast'))).toBe(true);
});

test('upkeep goes on by itself until it is stopped', async ({ site }) => {
  const { outbox, upkeep } = await site.open();
  upkeep.start();
  await outbox.enqueue(LARGE);
  while (site.clock.sleeping.length === 0) await new Promise((resolve) => setImmediate(resolve));
  site.clock.advance(FOUR_DAYS_MS);
  while (outbox.lane(3).rows > 0) await new Promise((resolve) => setImmediate(resolve));
  await upkeep.stop();
  expect(site.clock.sleeping).toEqual([]);
  await upkeep.stop();
});
