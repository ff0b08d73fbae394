import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { HubEvent } from '../../contract/index.js';
import { SILENT, type Site, test } from '../../test/support/hub-site.js';
import { Database } from './database.js';
import { Meta } from './meta.js';
import { salvage } from './salvage.js';

const STARTED: HubEvent = {
  type: 'hub.started',
  body: { version: 'a', bootId: '01890000-0000-7000-8000-000000000001' },
};
const EARLIER = 'hub.sqlite.damaged-1700000000000';

/** A closed store with thirty events. */
async function filled(site: Site) {
  const store = await site.open();
  await Promise.all(Array.from({ length: 30 }, () => store.outbox.enqueue(STARTED)));
  await store.close();
  const path = join(site.dir, 'hub.sqlite');
  const kept = () => readdirSync(site.dir).filter((name) => name.includes('.damaged-'));
  return { path, kept };
}

// What had been set aside was removed as a leftover of earlier damage, and no later start could begin.
test('a mark that cannot be read costs nothing of what was set aside under another name', async ({ site }) => {
  const { path, kept } = await filled(site);
  renameSync(path, join(site.dir, EARLIER));
  writeFileSync(`${path}.suspect`, '{"keptAs":');
  expect((await site.open()).salvaged).toMatchObject({ events: 30, missing: 0 });
  expect(kept()).toEqual([EARLIER]);
  expect(existsSync(`${path}.suspect`)).toBe(false);
});

test('a mark that cannot be read has the file itself set aside, not one of earlier damage saved', async ({ site }) => {
  const { path, kept } = await filled(site);
  writeFileSync(join(site.dir, 'hub.sqlite.damaged-0'), 'of earlier damage');
  writeFileSync(`${path}.suspect`, '');
  expect((await site.open()).salvaged).toMatchObject({ events: 30, missing: 0 });
  expect(kept()).toEqual([`hub.sqlite.damaged-${site.clock.now()}`]);
});

test('damage of the same time as earlier one does not take the earlier file for its own', async ({ site }) => {
  const { path } = await filled(site);
  writeFileSync(join(site.dir, `hub.sqlite.damaged-${site.clock.now()}`), 'of earlier damage');
  writeFileSync(path, Buffer.alloc(8192, 0x5a), { flag: 'r+' });
  const store = await site.open();
  expect(store.salvaged).toMatchObject({ events: 30 });
});

test('a mark beside which there is no file at all is no reason not to begin', async ({ site }) => {
  const { path } = await filled(site);
  rmSync(path);
  writeFileSync(`${path}.suspect`, JSON.stringify({ keptAs: EARLIER, what: 'tried' }));
  const store = await site.open();
  expect(store.salvaged).toBeUndefined();
  expect(await store.outbox.enqueue(STARTED)).toMatchObject({ seq: 1 });
});

test('the new file knows when the damage was met before the hub opens it', async ({ site, dir }) => {
  const { path } = await filled(site);
  const to = join(dir, 'new.sqlite');
  const at = '2026-01-01T00:00:00.000Z';
  salvage({ from: path, to, newEpoch: () => 'b'.repeat(32), damagedAt: at, log: SILENT });
  const database = new Database(to);
  expect(new Meta(database).get('damaged_at')).toBe(at);
  database.close();
});
