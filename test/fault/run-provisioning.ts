import path from 'node:path';
import { systemClock } from '../../hardware/index.js';
import { type FleetSite, startFleetSite } from '../support/fleet-site.js';
import { atMost } from './at-most.js';
import { scriptedDisturbances } from './disturbance.js';
import { planRounds } from './plan.js';
import { provisioningRound, type RoundDeps, type RoundResult } from './provisioning-round.js';
import { Witness } from './witness.js';

export type CampaignOptions = {
  readonly rounds: number;
  readonly seed: number;
  readonly atOnce: number;
  /** An empty folder; what is of use afterwards is left in it. */
  readonly dir: string;
  readonly databaseUrl?: string | undefined;
  readonly onRound?: (result: RoundResult) => void;
};

/** What became of all rounds. */
export type ProvisioningReport = {
  readonly rounds: number;
  /** Ended ACTIVE and whole: one thing, its own certificate ACTIVE, files as they must be, online. */
  readonly active: number;
  readonly stranded: number;
  /** Certificates besides the hub's own that are ACTIVE and attached to its thing. */
  readonly orphans: number;
  readonly keysLeaked: number;
  readonly seed: number;
  /** The rounds that are not as they must be. */
  readonly failed: readonly RoundResult[];
};

/** Lets so many new hubs become members of one fleet, each while one thing goes wrong. */
export async function runProvisioning(options: CampaignOptions): Promise<ProvisioningReport> {
  const witness = new Witness();
  const { dir, databaseUrl } = options;
  const site = await startFleetSite({
    dir: path.join(dir, 'site'),
    databaseUrl,
    iotLog: witness.iotLog,
    logLevel: 'trace',
  });
  const untap = site.iotCore.admin.tap((message) => witness.tapped(message));
  try {
    return await runRounds(options, site, witness);
  } finally {
    untap();
    await site.stop();
  }
}

async function runRounds(options: CampaignOptions, site: FleetSite, witness: Witness): Promise<ProvisioningReport> {
  const { rounds, seed, atOnce, dir, onRound } = options;
  const deps = { site, witness, dir, clock: systemClock };
  const undisturbedMs = await undisturbed({ ...deps, undisturbedMs: 0 }, atOnce);
  const plan = planRounds(rounds, seed, scriptedDisturbances());
  const results = await atMost(atOnce, plan, async (disturbance, number) => {
    const result = await provisioningRound(number, disturbance, { ...deps, undisturbedMs });
    onRound?.(result);
    return result;
  });
  const sum = (count: (result: RoundResult) => number) => results.reduce((total, one) => total + count(one), 0);
  const active = sum(({ problems }) => (problems.length === 0 ? 1 : 0));
  return {
    rounds,
    active,
    stranded: rounds - active,
    orphans: sum(({ orphans }) => orphans),
    keysLeaked: sum(({ keysLeaked }) => keysLeaked),
    seed,
    failed: results.filter(({ folder }) => folder !== undefined),
  };
}

/** How long it takes when nothing goes wrong and as many hubs are at it: the span in which chance chooses an instant. */
async function undisturbed(deps: RoundDeps, atOnce: number): Promise<number> {
  const numbers = Array.from({ length: atOnce }, (_, index) => -1 - index);
  const runs = await atMost(atOnce, numbers, (number) => provisioningRound(number, { kind: 'none' }, deps));
  return Math.max(...runs.map(({ tookMs }) => tookMs));
}
