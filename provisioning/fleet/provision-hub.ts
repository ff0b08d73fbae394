import type { Logger } from 'pino';
import type { Clock } from '../../hardware/index.js';
import type { HwIdProof } from '../hw-id/index.js';
import type { ClaimCertificate, IotEndpoint } from './iot-claim-link.js';
import type { HubIdentity, KeyStore } from './key-store.js';
import type { ProvisioningListener } from './step.js';

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
  /** Called whenever the hub is found or made ACTIVE, and at no other moment; must bear being called again. */
  readonly wipeClaimKey?: () => Promise<void>;
  readonly listener?: ProvisioningListener;
}

/**
 * Makes a hub earn its own certificate by the claim certificate, or goes on where it was interrupted. A hub that is ACTIVE
 * gets its identity at once, without tag, claim certificate or network. Tries for ever while the network or AWS IoT is away.
 * @throws ProvisioningError `claim.no-tag`, `claim.no-certificate`, `claim.certificate-refused`, `claim.template-unknown`,
 *   `claim.refused` with the reason of the cloud, `claim.rejected`, `claim.another-tag`, `link.not-allowed`,
 *   `link.bad-credentials`, `link.no-client`, `store.damaged`; the reason of the signal when it aborts
 */
export async function provisionHub(deps: ProvisionHubDeps): Promise<HubIdentity> {
  const identity = (await deps.keyStore.identity()) ?? (await claimIdentity(deps));
  await deps.wipeClaimKey?.();
  return identity;
}

async function claimIdentity(deps: ProvisionHubDeps): Promise<HubIdentity> {
  const { endpoint, port, caPem, template, mqttClient, claim, clock } = deps;
  // Late: all of this takes memory that a hub needs once in its life.
  const { runClaimExchange } = await import('./claim-exchange.js');
  const { IotClaimLink } = await import('./iot-claim-link.js');
  const link = new IotClaimLink({ iot: { endpoint, port, caPem, template, mqttClient }, claim, clock });
  const { keyStore, tag, random, log, signal, listener } = deps;
  return await runClaimExchange({ keyStore, link, tag, clock, random, log, signal, listener });
}
