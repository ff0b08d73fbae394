import { copyFileSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { HubEvent } from '../../contract/index.js';
import { test } from '../../test/support/hub-site.js';
import { LogRoom } from './log-room.js';

const BOOT = '01890000-0000-7000-8000-000000000001';
const STARTED: HubEvent = { type: 'hub.started', body: { version: 'a', bootId: BOOT } };
/** About a page. */
const LARGE: HubEvent = { type: 'hub.started', body: { version: 'x'.repeat(3000), bootId: BOOT } };

test('no commit makes the log longer, from the first one on', async ({ dir, store }) => {
  const logBytes = () => statSync(join(dir, 'hub.sqlite-wal')).size;
  const atOpen = logBytes();
  const sizes = new Set<number>();
  for (let commit = 0; commit < 60; commit += 1) {
    await Promise.all(Array.from({ length: 20 }, () => store.outbox.enqueue(LARGE)));
    sizes.add(logBytes());
  }
  expect([...sizes]).toEqual([atOpen]);
});

test('what was committed is there after a power cut, whatever room is behind it', async ({ dir, site, store }) => {
  for (let commit = 0; commit < 5; commit += 1) await store.outbox.enqueue(STARTED);
  mkdirSync(join(dir, 'copy'));
  for (const name of ['hub.sqlite', 'hub.sqlite-wal']) copyFileSync(join(dir, name), join(dir, 'copy', name));
  const copy = await site.open({ folder: 'copy' });
  await copy.health.whenLooked();
  expect(copy.outbox.depth()).toBe(5);
  expect(copy.salvaged).toBeUndefined();
});

test('where there is no log nothing is made', ({ dir }) => {
  new LogRoom({ path: join(dir, 'none.sqlite') }).make();
  expect(() => statSync(join(dir, 'none.sqlite-wal'))).toThrow('ENOENT');
});
