import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { v7 } from 'uuid';
import type { HubEvent } from '../../../contract/index.js';
import { systemClock } from '../../../hardware/linux/clock.js';
import { openStore, type Store, type StoreDeps } from '../../../hub/storage/store.js';
import { type PageUse, usedPages } from './page-use.js';

/** An event as it was accepted. */
export type Written = { lane: number; seq: number; id: string; body: string };

export type FilledStore = {
  dir: string;
  epoch: string;
  acked: number;
  open: readonly Written[];
  displayId: string;
  pages: PageUse[];
};

const TURN_EVENTS = 50;
export const HOUSEHOLD = { householdId: '01890000-0000-7000-8000-0000000000aa', householdName: 'The Bakers' };
const SILENT = pino({ level: 'silent' });

type Options = Partial<Pick<StoreDeps, 'onDamaged' | 'limits' | 'newEpoch'>>;

export function openIn(dataDir: string, options: Options = {}): Promise<Store> {
  const newEpoch = () => v7().replaceAll('-', '');
  return openStore({ dataDir, clock: systemClock, newId: () => v7(), newEpoch, log: SILENT, ...options });
}

/** Makes a store as a hub has it after weeks without a cloud: bound, with a display, and with events of every lane. */
export async function fillStore(
  dir: string,
  { events, acked }: { events: number; acked: number },
): Promise<FilledStore> {
  mkdirSync(dir, { recursive: true });
  const store = await openIn(dir);
  const { outbox, database, binding, displays } = store;
  binding.bind(HOUSEHOLD);
  const { displayId } = displays.ensure('7in5_V2', { displayId: v7(), name: 'Kitchen', atMs: 0 });
  const written: Written[] = [];
  while (written.length < events) {
    const turn = Array.from({ length: TURN_EVENTS }, (_, at) => eventOf(written.length + at));
    const places = await Promise.all(turn.map((event) => outbox.enqueue(event)));
    for (const [at, place] of places.entries()) written.push({ ...place, body: JSON.stringify(turn[at]?.body) });
  }
  database.write(() => outbox.acknowledge(0, acked));
  const { epoch } = outbox;
  // As a pulled plug leaves it, with all of it in the file.
  database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
  const pages = usedPages(database);
  database.close();
  return { dir, epoch, acked, open: written.filter(({ lane, seq }) => lane > 0 || seq > acked), displayId, pages };
}

export function copyOf(filled: FilledStore, dir: string): FilledStore {
  cpSync(filled.dir, dir, { recursive: true });
  return { ...filled, dir };
}

export function databaseIn({ dir }: { dir: string }): string {
  return join(dir, 'hub.sqlite');
}

const AT = '2026-01-01T00:00:00.000Z';
/** Every eighth is long enough to need pages of its own. */
const LONG_CHARACTERS = 9_000;

/** Different for each number, and of different lanes and lengths. */
export function eventOf(number: number): HubEvent {
  const version =
    number % 8 === 7 ? `${number}`.padStart(LONG_CHARACTERS, 'x') : `${number}`.padStart(number % 90, 'y');
  switch (number % 4) {
    case 0:
      return { type: 'storage.trouble', body: { at: AT, code: 'storage.full', freeBytes: number } };
    case 1:
      return {
        type: 'hub.warned',
        body: { at: AT, level: 'warn', mod: 'sync', message: `${number}`, code: null, count: 1 + number },
      };
    default:
      return { type: 'hub.started', body: { version, bootId: '01890000-0000-7000-8000-000000000001' } };
  }
}
