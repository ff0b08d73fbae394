import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '../../../device-sim/epd/seeded-random.js';
import type { Store } from '../../../hub/storage/store.js';
import { type Corruption, corrupt } from './corruption.js';
import { copyOf, databaseIn, type FilledStore, fillStore, HOUSEHOLD, openIn, type Written } from './filled-store.js';

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
  bindingsLost: number;
  displaysLost: number;
  /** Numbers of a lane that neither an event nor a gap covers, or that two do. */
  badCoverage: number;
  failed: { round: number; corruptions: Corruption[]; what: string }[];
};

const EVENTS = 3_000;
const ACKED = 300;
const MOST_PAGES = 3;

/** Corrupts pages of a filled file again and again, and looks what the hub saves of it. */
export async function runCorruptions({ rounds, seed }: { rounds: number; seed: number }): Promise<CorruptedReport> {
  const dir = mkdtempSync(join(tmpdir(), 'inklet-corruption-'));
  const random = seededRandom(seed);
  const report: CorruptedReport = {
    ...{ rounds, salvaged: 0, kept: 0, named: 0, lost: 0, altered: 0, doubled: 0 },
    ...{ bindingsLost: 0, displaysLost: 0, badCoverage: 0, failed: [] },
  };
  try {
    const filled = await fillStore(join(dir, 'filled'), { events: EVENTS, acked: ACKED });
    for (let round = 0; round < rounds; round += 1) {
      const copy = copyOf(filled, join(dir, `${round}`));
      const corruptions = corrupt(databaseIn(copy), 1 + (round % MOST_PAGES), random);
      await tryCopy(copy, report).catch((error: unknown) => {
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

async function tryCopy(copy: FilledStore, report: CorruptedReport): Promise<void> {
  let store = await openIn(copy.dir);
  await store.health.whenLooked();
  if (store.salvaged === undefined && store.health.damage !== undefined) {
    await store.close();
    store = await openIn(copy.dir);
  }
  try {
    if (store.salvaged !== undefined) report.salvaged += 1;
    compare(copy, store, report);
    if (store.binding.household()?.householdId !== HOUSEHOLD.householdId) report.bindingsLost += 1;
    if (store.displays.get(copy.displayId) === undefined) report.displaysLost += 1;
  } finally {
    await store.close();
  }
}

type LogRow = { lane: number; seq: number; id: string; body: string };
type GapRow = { lane: number; first: number; last: number };

function compare({ open, acked, epoch }: FilledStore, { database, outbox }: Store, report: CorruptedReport): void {
  const rows = database.prepare<[], LogRow>('SELECT lane, seq, id, body FROM log').all();
  const gaps = database.prepare<[], GapRow>('SELECT lane, from_seq AS first, to_seq AS last FROM gap').all();
  const byId = new Map(rows.map((row) => [row.id, row]));
  report.doubled += rows.length - byId.size;
  // Salvaged numbers begin anew after what was acknowledged.
  const shift = ({ lane }: Written) => (lane === 0 && outbox.epoch !== epoch ? acked : 0);
  for (const one of open) {
    const row = byId.get(one.id);
    const seq = one.seq - shift(one);
    if (row !== undefined) {
      if (row.body === one.body) report.kept += 1;
      else report.altered += 1;
    } else if (gaps.some(({ lane, first, last }) => lane === one.lane && first <= seq && seq <= last))
      report.named += 1;
    else report.lost += 1;
  }
  for (const { lane, acked: from, nextSeq } of outbox.lanes()) {
    const covered = [
      ...rows.filter((row) => row.lane === lane).map(({ seq }) => ({ first: seq, last: seq })),
      ...gaps.filter((gap) => gap.lane === lane),
    ].sort((a, b) => a.first - b.first);
    let next = from + 1;
    for (const { first, last } of covered) {
      if (first !== next) report.badCoverage += 1;
      next = last + 1;
    }
    if (next !== nextSeq) report.badCoverage += 1;
  }
}
