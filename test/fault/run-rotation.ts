import { type CampaignOptions, isDisturbed, runCampaign, sumOf } from './campaign.js';
import { rotationDisturbances } from './disturbance.js';
import { type RotationResult, rotationRound } from './rotation-round.js';

/** What became of all rounds. */
export type RotationReport = {
  readonly rounds: number;
  /** Online with a new key and certificate, the old one off. */
  readonly rotated: number;
  /** Online with the old pair, because the new one was refused. */
  readonly rolledBack: number;
  readonly stranded: number;
  /** Rounds in which, at some moment, no pair on the disk was one that AWS IoT lets in. */
  readonly withoutPair: number;
  readonly orphans: number;
  readonly keysLeaked: number;
  readonly seed: number;
  /** The rounds that are not as they must be. */
  readonly failed: readonly RotationResult[];
};

/** Lets so many hubs change their key, each while one thing goes wrong. */
export async function runRotation(options: CampaignOptions): Promise<RotationReport> {
  const { rounds, seed } = options;
  const results = await runCampaign(options, rotationDisturbances(), rotationRound);
  return {
    rounds,
    rotated: sumOf(results, (result) => isDisturbed(result) && result.outcome === 'rotated'),
    rolledBack: sumOf(results, (result) => isDisturbed(result) && result.outcome === 'rolled-back'),
    stranded: sumOf(results, ({ outcome }) => outcome === 'stranded'),
    withoutPair: sumOf(results, ({ wasWithoutPair }) => wasWithoutPair),
    orphans: sumOf(results, ({ orphans }) => orphans),
    keysLeaked: sumOf(results, ({ keysLeaked }) => keysLeaked),
    seed,
    failed: results.filter(({ folder }) => folder !== undefined),
  };
}
