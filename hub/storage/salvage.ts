import type { Logger } from 'pino';
import type { Lane } from '../../contract/index.js';
import { Database } from './database.js';
import { isTailWhole } from './lane-tail.js';
import { queue } from './migrations/005-queue.js';
import { migrations } from './migrations/index.js';
import { RawPages } from './raw-pages.js';
import { rawRecords } from './raw-records.js';
import { closeBooks } from './salvage-books.js';
import { closeCommands } from './salvage-commands.js';
import { SalvageRows } from './salvage-rows.js';
import { type FoundRow, SalvageTables } from './salvage-tables.js';

/** What came out of a damaged file. */
export type Salvaged = {
  /** Events in the new file. */
  events: number;
  /** Numbers that are named as lost. */
  missing: number;
  /** Rows of all tables that were found and are not what was written, or were found twice. */
  refused: number;
  unreadablePages: number;
  /** Commands that had been received and are missing: the cloud gives them again. */
  commands: number;
  /** Lanes whose counters were lost: what was below and above the events that were found is not known. */
  uncounted: Lane[];
  /** Whether the numbering of the old file is known, by which the cloud recognises what it has already. */
  knowsEpoch: boolean;
};

export type SalvageDeps = {
  from: string;
  to: string;
  newEpoch: () => string;
  /** When the damage was met: in the new file from the beginning. */
  damagedAt: string;
  /** Lanes whose events stay where they are, and are named as lost. */
  left?: readonly Lane[];
  log: Logger;
};

const PAGE_BYTES = 4096;
/** Where page 1 says how many migrations the file has seen. Source: SQLite, database file format, section 1.3. */
const VERSION_AT = 60;
/** The version from which counters may be behind. */
const LAZY_COUNTERS = migrations.indexOf(queue) + 1;
const LOG_TABLE = /^log\d?$/;
const EPOCH = /^[0-9a-f]{32}$/;
const LANES: readonly Lane[] = [0, 1, 2, 3];

/**
 * Brings every row that can still be read from a damaged file into a new one, under a new epoch. It reads page by page and
 * asks no page about another one, so that none takes more with it than itself; what is missing between the counters of a
 * lane becomes a gap. Memory does not grow with the file.
 * @throws HubError `storage.full`, `storage.failing`
 */
export function salvage({ from, to, newEpoch, damagedAt, left = [], log }: SalvageDeps): Salvaged {
  const pages = new RawPages(from, PAGE_BYTES);
  try {
    const version = versionOf(pages);
    const rows = carryOver(pages, to, { version, left });
    const into = unlimited(to, migrations);
    try {
      const oldEpoch = epochIn(into);
      const found = closeBooks(into, {
        oldEpoch,
        freshEpoch: newEpoch(),
        damagedAt,
        counted: rows.counted,
        left: rows.left,
        // Builds before the lanes wrote their counters with each event.
        isTailWhole: (lane, highest) => version < LAZY_COUNTERS || isTailWhole(pages, into, { lane, highest }),
      });
      const commands = closeCommands(into);
      const uncounted = LANES.filter((lane) => !rows.counted.has(lane));
      const about = { commands, refused: rows.refused, unreadablePages: pages.unreadable, uncounted };
      const salvaged = { ...found, ...about, knowsEpoch: oldEpoch !== undefined };
      log.error(salvaged, 'saved what could be read of the damaged database');
      return salvaged;
    } finally {
      // The last connection empties the log into the file and removes it.
      into.close();
    }
  } finally {
    pages.close();
  }
}

/** Into tables of the version that the damaged file has; whoever opens it next brings them to the newest one. */
function carryOver(
  pages: RawPages,
  to: string,
  { version, left }: { version: number; left: readonly Lane[] },
): SalvageRows {
  const into = unlimited(to, migrations.slice(0, version));
  try {
    const tables = new SalvageTables(into);
    const rows = new SalvageRows(into, left);
    into.prepare('PRAGMA foreign_keys = OFF').run();
    // What an event belongs to is known once all other rows are.
    for (const one of foundRows(pages, tables)) if (!LOG_TABLE.test(one.table)) rows.put(one);
    for (const one of foundRows(pages, tables)) if (LOG_TABLE.test(one.table)) rows.put(one);
    rows.flush();
    removeOrphans(into);
    return rows;
  } finally {
    into.close();
  }
}

/** Where it cannot be read, it was this build's. */
function versionOf(pages: RawPages): number {
  const told = pages.page(1).readUInt32BE(VERSION_AT);
  return told >= 1 && told <= migrations.length ? told : migrations.length;
}

function unlimited(path: string, steps: readonly string[]): Database {
  const database = new Database(path, steps);
  // Whatever was saved has room; the limits of the lanes see to it later.
  database.prepare('PRAGMA max_page_count = 4294967294').get();
  return database;
}

function* foundRows(pages: RawPages, tables: SalvageTables): Generator<FoundRow> {
  for (const record of rawRecords(pages)) {
    const table = tables.tableOf(record);
    if (table !== undefined) yield { table, row: tables.rowOf(table, record) };
  }
}

function removeOrphans(into: Database): void {
  into.write(() => {
    const orphans = into.prepare<[], { table: string; rowid: number | null }>('PRAGMA foreign_key_check').all();
    if (orphans.some(({ table }) => table === 'presentation'))
      into.prepare('DELETE FROM presentation WHERE display_id NOT IN (SELECT display_id FROM display)').run();
    if (orphans.some(({ table }) => table === 'origin'))
      into.prepare('DELETE FROM origin WHERE boot NOT IN (SELECT n FROM boot)').run();
    for (const lane of orphans.some(({ table }) => table === 'origin') ? LANES : [])
      into.prepare(`DELETE FROM log${lane} WHERE origin NOT IN (SELECT n FROM origin)`).run();
  });
}

function epochIn(into: Database): string | undefined {
  const epoch = into.prepare<[], { v: string }>("SELECT v FROM meta WHERE k = 'epoch'").get()?.v;
  return epoch !== undefined && EPOCH.test(epoch) ? epoch : undefined;
}
