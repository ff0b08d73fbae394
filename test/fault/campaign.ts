import path from 'node:path';
import { systemClock } from '../../hardware/index.js';
import { startFleetSite } from '../support/fleet-site.js';
import { atMost } from './at-most.js';
import type { Disturbance } from './disturbance.js';
import type { TrialDeps } from './hub-on-trial.js';
import { planRounds } from './plan.js';
import type { RoundResult } from './round-result.js';
import { Witness } from './witness.js';

export type CampaignOptions = {
  readonly rounds: number;
  readonly seed: number;
  /** Hubs at a time. */
  readonly atOnce: number;
  /** An empty folder; what is of use afterwards is left in it. */
  readonly dir: string;
  /** PostgreSQL for the cloud; PGlite in the folder if absent. */
  readonly databaseUrl?: string | undefined;
  readonly onRound?: ((result: RoundResult) => void) | undefined;
};

export type RoundDeps = TrialDeps & {
  /** What an undisturbed run takes: the span in which chance chooses an instant. */
  readonly undisturbedMs: number;
};

type Round<R extends RoundResult> = (number: number, disturbance: Disturbance, deps: RoundDeps) => Promise<R>;

/**
 * Runs rounds on one stand-in with one real cloud, after as many undisturbed ones as go on at a time. Those come first in
 * the results, with negative numbers, and are judged like the others.
 */
export async function runCampaign<R extends RoundResult>(
  options: CampaignOptions,
  scripted: readonly Disturbance[],
  round: Round<R>,
): Promise<R[]> {
  const { rounds, seed, atOnce, dir, databaseUrl, onRound } = options;
  const witness = new Witness();
  const siteOptions = { dir: path.join(dir, 'site'), databaseUrl, iotLog: witness.iotLog, logLevel: 'trace' };
  const site = await startFleetSite(siteOptions);
  const untap = site.iotCore.admin.tap((message) => witness.tapped(message));
  try {
    const common = { site, witness, dir, clock: systemClock };
    const numbers = Array.from({ length: atOnce }, (_, index) => -1 - index);
    const run = async (number: number, disturbance: Disturbance, undisturbedMs: number) => {
      const mqttClient = number % 2 === 0 ? 'aws' : 'mqtt.js';
      const result = await round(number, disturbance, { ...common, mqttClient, undisturbedMs });
      onRound?.(result);
      return result;
    };
    const still = await atMost(atOnce, numbers, (number) => run(number, { kind: 'none' }, 0));
    const undisturbedMs = Math.max(...still.map(({ tookMs }) => tookMs));
    const plan = planRounds(rounds, seed, scripted);
    const disturbed = await atMost(atOnce, plan, (disturbance, number) => run(number, disturbance, undisturbedMs));
    return [...still, ...disturbed];
  } finally {
    untap();
    await site.stop();
  }
}

/** Whether something was to go wrong in a round; the undisturbed ones are counted for what they do amiss only. */
export function isDisturbed({ number }: Pick<RoundResult, 'number'>): boolean {
  return number >= 0;
}

/** The sum over all rounds of what is counted in one. */
export function sumOf<R>(results: readonly R[], count: (result: R) => number | boolean): number {
  return results.reduce((total, result) => total + Number(count(result)), 0);
}
