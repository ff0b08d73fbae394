import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { systemClock } from '../../hardware/index.js';
import { postgresPrograms } from '../support/postgres.js';
import { atMost } from './at-most.js';
import { sumOf } from './campaign.js';
import { FaultError } from './errors.js';
import { type QueueRoundResult, queueRound } from './queue-round.js';
import { QueuePeople } from './queue-round-people.js';
import { QueueSite } from './queue-round-site.js';

export type QueueOptions = {
  readonly rounds: number;
  readonly seed: number;
  /** Sites at a time, with one round each. */
  readonly atOnce: number;
  /** An empty folder; what is of use afterwards is left in it. */
  readonly dir: string;
  readonly onRound?: ((result: QueueRoundResult) => void) | undefined;
};

/** What became of all rounds. */
export type QueueReport = {
  readonly rounds: number;
  readonly enqueued: number;
  readonly delivered: number;
  readonly dead: number;
  readonly gaps: number;
  readonly lost: number;
  readonly lostWithCard: number;
  readonly duplicated: number;
  readonly violations: number;
  readonly seed: number;
  readonly tookMs: number;
  /** The rounds that are not as they must be. */
  readonly failed: readonly QueueRoundResult[];
};

const MOST_TOLD = 5;

/** Runs rounds of the whole system, of which one or several parts go wrong in each. */
export async function runQueue(options: QueueOptions): Promise<QueueReport> {
  const { rounds, seed, atOnce } = options;
  const startMs = systemClock.monotonic();
  const sites = await atMost(atOnce, [...Array(Math.min(atOnce, rounds)).keys()], (index) => openSite(options, index));
  try {
    const left = [...Array(rounds).keys()].values();
    const ofSites = await Promise.all(sites.map((site) => runAt(site, left, options)));
    const results = ofSites.flat().sort((a, b) => a.number - b.number);
    const sum = (name: 'enqueued' | 'delivered' | 'dead' | 'gaps' | 'lost' | 'lostWithCard' | 'duplicated') =>
      sumOf(results, (result) => result[name]);
    return {
      rounds,
      enqueued: sum('enqueued'),
      delivered: sum('delivered'),
      dead: sum('dead'),
      gaps: sum('gaps'),
      lost: sum('lost'),
      lostWithCard: sum('lostWithCard'),
      duplicated: sum('duplicated'),
      violations: sumOf(results, ({ violations }) => violations.length),
      seed,
      tookMs: Math.round(systemClock.monotonic() - startMs),
      failed: results.filter(({ folder }) => folder !== undefined).map(shortened),
    };
  } finally {
    for (const { site } of sites) await site.stop();
  }
}

type Manned = { site: QueueSite; people: QueuePeople };

async function openSite({ dir }: QueueOptions, index: number): Promise<Manned> {
  const programs = postgresPrograms();
  if (programs === undefined) throw new FaultError('trial.no-postgres', 'install the Debian package postgresql');
  const folder = path.join(dir, 'site', String(index));
  await mkdir(folder, { recursive: true });
  const site = await QueueSite.start(folder, programs);
  const people = new QueuePeople(site, systemClock);
  await people.signUp();
  return { site, people };
}

async function runAt(manned: Manned, left: Iterable<number>, options: QueueOptions): Promise<QueueRoundResult[]> {
  const { seed, dir, onRound } = options;
  const results: QueueRoundResult[] = [];
  for (const number of left) {
    const result = await queueRound(number, { ...manned, clock: systemClock, seed, dir });
    results.push(result);
    onRound?.(result);
  }
  return results;
}

/** The rest of its violations is in its folder. */
function shortened(result: QueueRoundResult): QueueRoundResult {
  return { ...result, violations: result.violations.slice(0, MOST_TOLD) };
}
