import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '../../../device-sim/epd/seeded-random.js';
import type { Store } from '../../../hub/storage/store.js';
import { type Corruption, corrupt } from './corruption.js';
import { eventsIn } from './events-in.js';
import { copyOf, databaseIn, type FilledStore, fillStore, HOUSEHOLD, openIn, type Written } from './filled-store.js';
import { hitBy } from './page-use.js';

export type CorruptedReport = {
  rounds: number;
  salvaged: number;
  /** Events that came over, that are named in a gap, and that are neither. */
  kept: number;
  named: number;
  lost: number;
  /** Came over with another body, or twice. */
  altered: number;
  doubled: number;
  /** Events that did not come over, more than stood on the pages that were hit. */
  takenAlong: number;
  bindingsLost: number;
  displaysLost: number;
  /** Bindings and displays that were lost in a file of which another page was hit. */
  lostElsewhere: number;
  /** Numbers of a lane that neither an event nor a gap covers, or that two do. */
  badCoverage: number;
  failed: { round: number; corruptions: Corruption[]; what: string }[];
};

/** One event in so many is acknowledged, and has left the file. */
const ACKED_PART = 10;
const MOST_PAGES = 3;

type Corruptions = { rounds: number; seed: number /** In the file; some of them are acknowledged. */; events: number };

/** Corrupts pages of a filled file again and again, and looks what the hub saves of it. */
export async function runCorruptions({ rounds, seed, events }: Corruptions): Promise<CorruptedReport> {
  const dir = mkdtempSync(join(tmpdir(), 'inklet-corruption-'));
  const random = seededRandom(seed);
  const report: CorruptedReport = {
    ...{ rounds, salvaged: 0, kept: 0, named: 0, lost: 0, altered: 0, doubled: 0 },
    ...{ takenAlong: 0, bindingsLost: 0, displaysLost: 0, lostElsewhere: 0, badCoverage: 0, failed: [] },
  };
  try {
    const filled = await fillStore(join(dir, 'filled'), { events, acked: Math.floor(events / ACKED_PART) });
    for (let round = 0; round < rounds; round += 1) {
      const copy = copyOf(filled, join(dir, `${round}`));
      const corruptions = corrupt(databaseIn(copy), 1 + (round % MOST_PAGES), random);
      await tryCopy(copy, corruptions, report).catch((error: unknown) => {
        report.failed.push({
          round,
          corruptions,
          what: error instanceof Error ? (error.stack ?? error.message) : `${error}`,
        });
      });
      rmSync(copy.dir, { recursive: true });
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  return report;
}

async function tryCopy(copy: FilledStore, corruptions: Corruption[], report: CorruptedReport): Promise<void> {
  const hit = hitBy(corruptions, copy.pages);
  let store = await openIn(copy.dir);
  await store.health.whenLooked();
  if (store.salvaged === undefined && store.health.damage !== undefined) {
    await store.close();
    store = await openIn(copy.dir);
  }
  try {
    if (store.salvaged !== undefined) report.salvaged += 1;
    const before = report.kept;
    compare(copy, store, report);
    report.takenAlong += Math.max(0, copy.open.length - (report.kept - before) - hit.events);
    const lost = lostOf(copy, store);
    report.bindingsLost += lost.filter((table) => table === 'binding').length;
    report.displaysLost += lost.filter((table) => table === 'display').length;
    report.lostElsewhere += lost.filter((table) => !hit.tables.has(table)).length;
  } finally {
    await store.close();
  }
}

function lostOf({ displayId }: FilledStore, { binding, displays }: Store): string[] {
  const isBound = binding.household()?.householdId === HOUSEHOLD.householdId;
  return [isBound ? [] : ['binding'], displays.get(displayId) === undefined ? ['display'] : []].flat();
}

function compare({ open, acked, epoch }: FilledStore, { outbox }: Store, report: CorruptedReport): void {
  const { events, gaps, badJoints } = eventsIn(outbox);
  report.badCoverage += badJoints;
  const places = new Map(events.map((event) => [`${event.lane}/${event.seq}`, event]));
  report.doubled += events.length - new Set(events.map(({ id }) => id)).size;
  // Salvaged numbers begin anew after what was acknowledged.
  const shift = ({ lane }: Written) => (lane === 0 && outbox.epoch !== epoch ? acked : 0);
  for (const one of open) {
    const seq = one.seq - shift(one);
    const event = places.get(`${one.lane}/${seq}`);
    if (event !== undefined) report[event.id === one.id && event.body === one.body ? 'kept' : 'altered'] += 1;
    else if (gaps.some(({ lane, from, to }) => lane === one.lane && from <= seq && seq <= to)) report.named += 1;
    else report.lost += 1;
  }
}
