import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { seededRandom } from '../../device-sim/epd/seeded-random.js';
import { systemClock } from '../../hardware/index.js';
import { postgresPrograms } from '../support/postgres.js';
import { sumOf } from './campaign.js';
import { FaultError } from './errors.js';
import { brokenOff, type QueueRoundResult, queueRound } from './queue-round.js';
import { QueuePeople } from './queue-round-people.js';
import { LONG_FAULT, type PlannedRound, planQueueFaults, type QueuePlan } from './queue-round-plan.js';
import { QueueSite } from './queue-round-site.js';

export type QueueOptions = {
  readonly rounds: number;
  readonly seed: number;
  /** Sites at a time, with one round each. */
  readonly atOnce: number;
  /** An empty folder; what is of use afterwards is left in it. */
  readonly dir: string;
  readonly onRound?: ((result: QueueRoundResult) => void) | undefined;
  /** Something of everything if absent. */
  readonly plan?: QueuePlan;
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
/** Keeps the rounds of one seed apart from those of the next. */
const SEED_STEP = 0x9e3779b9;

/**
 * Runs rounds of the whole system, of which one or several parts go wrong in each.
 * @throws FaultError `trial.no-postgres`
 */
export async function runQueue(options: QueueOptions): Promise<QueueReport> {
  const { rounds, seed, atOnce } = options;
  const startMs = systemClock.monotonic();
  const programs = postgres();
  const lanes = [...Array(Math.min(atOnce, rounds)).keys()].map((index) => new Lane(options, index, programs));
  try {
    const left = [...Array(rounds).keys()].values();
    const ofSites = await Promise.all(lanes.map((lane) => lane.run(left)));
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
    for (const lane of lanes) await lane.stop();
  }
}

type Manned = { readonly site: QueueSite; readonly people: QueuePeople };

/** Rounds one after the other, most of them at one site. */
class Lane {
  readonly #options: QueueOptions;
  readonly #index: number;
  readonly #programs: string;
  #sites = 0;
  #manned: Manned | undefined;

  constructor(options: QueueOptions, index: number, programs: string) {
    this.#options = options;
    this.#index = index;
    this.#programs = programs;
  }

  async run(left: Iterable<number>): Promise<QueueRoundResult[]> {
    const { seed, plan = planQueueFaults, onRound } = this.#options;
    const results: QueueRoundResult[] = [];
    for (const number of left) {
      const random = seededRandom((seed + number * SEED_STEP) >>> 0);
      const result = await this.#play({ number, faults: plan(number, random), random });
      results.push(result);
      onRound?.(result);
    }
    return results;
  }

  async stop(): Promise<void> {
    await this.#manned?.site.stop();
    this.#manned = undefined;
  }

  /** A round that breaks off is one that failed; the next one gets a site of its own. */
  async #play(planned: PlannedRound): Promise<QueueRoundResult> {
    try {
      const result = planned.faults.includes(LONG_FAULT)
        ? await this.#playApart(planned)
        : await this.#playAt(await this.#usual(), planned);
      if (result.isBrokenOff) await this.stop();
      return result;
    } catch (cause) {
      await this.stop().catch(() => undefined);
      const { history: _, broken: __, ...known } = brokenOff(cause);
      const { number, faults } = planned;
      return { ...known, number, faults: faults.join(', '), tookMs: 0, folder: this.#options.dir };
    }
  }

  async #usual(): Promise<Manned> {
    this.#manned ??= await this.#open(this.#programs);
    return this.#manned;
  }

  /** With a database in the service itself, which nobody else can read meanwhile. */
  async #playApart(planned: PlannedRound): Promise<QueueRoundResult> {
    const manned = await this.#open(undefined);
    try {
      return await this.#playAt(manned, planned);
    } finally {
      await manned.site.stop();
    }
  }

  #playAt(manned: Manned, planned: PlannedRound): Promise<QueueRoundResult> {
    return queueRound(planned, { ...manned, clock: systemClock, dir: this.#options.dir });
  }

  async #open(programs: string | undefined): Promise<Manned> {
    const folder = path.join(this.#options.dir, 'site', `${this.#index}-${this.#sites}`);
    this.#sites += 1;
    await mkdir(folder, { recursive: true });
    const site = await QueueSite.start(folder, programs);
    const people = new QueuePeople(site, systemClock);
    await people.signUp();
    return { site, people };
  }
}

function postgres(): string {
  const programs = postgresPrograms();
  if (programs === undefined) throw new FaultError('trial.no-postgres', 'install the Debian package postgresql');
  return programs;
}

/** The rest of its violations is in its folder. */
function shortened(result: QueueRoundResult): QueueRoundResult {
  return { ...result, violations: result.violations.slice(0, MOST_TOLD) };
}
