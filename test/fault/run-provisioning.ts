import { type CampaignOptions, isDisturbed, runCampaign, sumOf } from './campaign.js';
import { scriptedDisturbances } from './disturbance.js';
import { provisioningRound } from './provisioning-round.js';
import type { RoundResult } from './round-result.js';

/** What became of all rounds. */
export type ProvisioningReport = {
  readonly rounds: number;
  /** Ended ACTIVE and whole: one thing, its own certificate ACTIVE, files as they must be, online. */
  readonly active: number;
  /** Those that did not, the undisturbed ones among them. */
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
  const { rounds, seed } = options;
  const results = await runCampaign(options, scriptedDisturbances(), provisioningRound);
  const isActive = ({ problems }: RoundResult) => problems.length === 0;
  return {
    rounds,
    active: sumOf(results, (result) => isDisturbed(result) && isActive(result)),
    stranded: sumOf(results, (result) => !isActive(result)),
    orphans: sumOf(results, ({ orphans }) => orphans),
    keysLeaked: sumOf(results, ({ keysLeaked }) => keysLeaked),
    seed,
    failed: results.filter(({ folder }) => folder !== undefined),
  };
}
