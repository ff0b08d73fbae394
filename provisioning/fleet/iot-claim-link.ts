import { randomBytes } from 'node:crypto';
import { deviceTopics } from '../../contract/index.js';
import type { Clock } from '../../hardware/index.js';
import { ProvisioningError } from '../errors.js';
import type { MqttClientChoice } from '../mqtt/choose-adapter.js';
import type { MqttSession } from '../mqtt/mqtt-session.js';
import { openMqttSession } from '../mqtt/open-mqtt-session.js';
import type { ClaimConnection, ClaimLink } from './claim-link.js';
import { claimRequestsOn } from './claim-requests.js';

/** The credential of a batch, which may only ask for a device certificate. */
export interface ClaimCertificate {
  readonly certPem: string;
  readonly keyPem: string;
}

/** A certificate with its key, and the client id under which it may connect. */
export interface MqttIdentity extends ClaimCertificate {
  readonly clientId: string;
}

/** How to reach AWS IoT, and by which template hubs are registered. */
export interface IotEndpoint {
  readonly endpoint: string;
  readonly port: number;
  readonly caPem: string;
  readonly template: string;
  /** `auto` if absent. */
  readonly mqttClient?: MqttClientChoice | undefined;
}

const CLIENT_ID_BYTES = 8;

/** The claim exchange over MQTT 5. */
export class IotClaimLink implements ClaimLink {
  readonly #iot: IotEndpoint;
  readonly #claim: ClaimCertificate | undefined;
  readonly #clock: Clock;

  constructor({ iot, claim, clock }: { iot: IotEndpoint; claim: ClaimCertificate | undefined; clock: Clock }) {
    this.#iot = iot;
    this.#claim = claim;
    this.#clock = clock;
  }

  async openClaim(signal?: AbortSignal): Promise<ClaimConnection> {
    if (this.#claim === undefined) {
      throw new ProvisioningError('claim.no-certificate', 'there is no claim certificate to ask with');
    }
    // The claim certificate is shared by a batch: two hubs with one client id would throw each other out.
    const clientId = `inklet-fp-${randomBytes(CLIENT_ID_BYTES).toString('hex')}`;
    try {
      return await this.openAs({ ...this.#claim, clientId }, signal);
    } catch (error) {
      if (!(error instanceof ProvisioningError) || error.code !== 'link.refused') throw error;
      throw new ProvisioningError('claim.certificate-refused', error.message, { cause: error });
    }
  }

  /**
   * Connects by any certificate, such as the one that a hub has.
   * @throws ProvisioningError `link.*`
   */
  async openAs(identity: MqttIdentity, signal?: AbortSignal): Promise<ClaimConnection> {
    const session = await this.#open(identity, signal);
    const { template } = this.#iot;
    const requests = claimRequestsOn(session, { template, clock: this.#clock, ended: session.ended });
    return { ...requests, close: () => session.close() };
  }

  async verify(
    { thingName, certPem, keyPem }: { thingName: string; certPem: string; keyPem: string },
    signal?: AbortSignal,
  ): Promise<void> {
    const session = await this.#open({ certPem, keyPem, clientId: thingName }, signal);
    try {
      await session.subscribe([deviceTopics(thingName).command], () => {}, signal);
    } finally {
      await session.close();
    }
  }

  async #open({ certPem, keyPem, clientId }: MqttIdentity, signal?: AbortSignal): Promise<MqttSession> {
    return await openMqttSession({ ...this.#iot, certPem, keyPem, clientId }, { clock: this.#clock }, signal);
  }
}
