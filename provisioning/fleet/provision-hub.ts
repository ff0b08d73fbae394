import type { Logger } from 'pino';
import type { Clock } from '../../hardware/index.js';
import type { HwIdProof } from '../hw-id/index.js';
import { runClaimExchange } from './claim-exchange.js';
import { type ClaimCertificate, IotClaimLink, type IotEndpoint } from './iot-claim-link.js';
import type { HubIdentity, KeyStore } from './key-store.js';

export interface ProvisionHubDeps extends IotEndpoint {
  readonly keyStore: KeyStore;
  /** Absent once it has been wiped. */
  readonly claim: ClaimCertificate | undefined;
  /** What `readSignedTag` gave; absent where no tag lies on the reader. */
  readonly tag: HwIdProof | undefined;
  readonly clock: Clock;
  /** From 0 up to 1; spreads the retries of a fleet. */
  readonly random: () => number;
  readonly log: Logger;
  readonly signal?: AbortSignal;
  /** Called at every call that finds or makes the hub ACTIVE, and at no other moment; must bear being called again. */
  readonly wipeClaimKey?: () => Promise<void>;
}

/**
 * Makes a hub earn its own certificate by the claim certificate, or goes on where it was interrupted. A hub that is ACTIVE
 * gets its identity at once, without tag, claim certificate or network. Tries for ever while the network or AWS IoT is away.
 * @throws ProvisioningError `claim.no-tag`, `claim.no-certificate`, `claim.refused` with the reason of the cloud,
 *   `claim.rejected`, `claim.another-tag`, `link.not-allowed`, `store.damaged`; the reason of the signal when it aborts
 */
export async function provisionHub(deps: ProvisionHubDeps): Promise<HubIdentity> {
  const { endpoint, port, caPem, template, claim, keyStore, tag, clock, random, log, signal, wipeClaimKey } = deps;
  const link = new IotClaimLink({ iot: { endpoint, port, caPem, template }, claim, clock });
  const identity = await runClaimExchange({ keyStore, link, tag, clock, random, log, signal });
  await wipeClaimKey?.();
  return identity;
}
