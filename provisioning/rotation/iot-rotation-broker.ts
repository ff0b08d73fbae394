import { ROTATION_TEMPLATE_NAME } from '../../contract/index.js';
import type { Clock } from '../../hardware/index.js';
import type { ClaimConnection } from '../fleet/claim-link.js';
import { IotClaimConnection, IotClaimLink, type IotEndpoint, openAsThing } from '../fleet/iot-claim-link.js';
import type { HubIdentity } from '../fleet/key-store.js';
import type { RotationBroker } from './rotation-ports.js';

/** AWS IoT as a hub meets it that is connected by its own certificate. */
export class IotRotationBroker implements RotationBroker {
  readonly #iot: Omit<IotEndpoint, 'template'>;
  readonly #clock: Clock;

  constructor({ iot, clock }: { iot: Omit<IotEndpoint, 'template'>; clock: Clock }) {
    this.#iot = iot;
    this.#clock = clock;
  }

  async open(pair: HubIdentity, signal?: AbortSignal): Promise<ClaimConnection> {
    const session = await openAsThing(this.#iot, pair, this.#clock, signal);
    return new IotClaimConnection(session, ROTATION_TEMPLATE_NAME);
  }

  async verify(pair: HubIdentity, signal?: AbortSignal): Promise<void> {
    const iot = { ...this.#iot, template: ROTATION_TEMPLATE_NAME };
    await new IotClaimLink({ iot, claim: undefined, clock: this.#clock }).verify(pair, signal);
  }
}
