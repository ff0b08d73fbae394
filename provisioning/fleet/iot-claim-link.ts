import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { CertificateIdSchema, deviceTopics, parseJson, ThingNameSchema } from '../../contract/index.js';
import type { Clock } from '../../hardware/index.js';
import { ProvisioningError } from '../errors.js';
import type { ClaimConnection, ClaimLink, IssuedCertificate, RegisteredThing } from './claim-link.js';
import { MqttSession } from './mqtt-session.js';
import { DeviceConfigurationSchema } from './state.js';

/** The credential of a batch, which may only ask for a device certificate. */
export interface ClaimCertificate {
  readonly certPem: string;
  readonly keyPem: string;
}

/** How to reach AWS IoT, and by which template hubs are registered. */
export interface IotEndpoint {
  readonly endpoint: string;
  readonly port: number;
  readonly caPem: string;
  readonly template: string;
}

// Source of topics and bodies: AWS IoT developer guide, "Device provisioning MQTT API".
const CREATE_FROM_CSR = '$aws/certificates/create-from-csr/json';

const CreatedSchema = z.object({
  certificateId: CertificateIdSchema,
  certificatePem: z.string().min(1),
  certificateOwnershipToken: z.string().min(1),
});

const ProvisionedSchema = z.object({
  thingName: ThingNameSchema,
  deviceConfiguration: DeviceConfigurationSchema.default({}),
});

/** The guide lists no error codes: decisions hang on the status. */
const RejectedSchema = z.object({
  statusCode: z.number().int(),
  errorCode: z.string().default(''),
  errorMessage: z.string().default(''),
});

const CLIENT_ID_BYTES = 8;

/** The claim exchange over the AWS IoT SDK and MQTT 5. */
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
    const session = await MqttSession.open({ ...this.#iot, ...this.#claim, clientId }, this.#clock, signal);
    return new IotClaimConnection(session, this.#iot.template);
  }

  async verify(identity: { thingName: string; certPem: string; keyPem: string }, signal?: AbortSignal): Promise<void> {
    const session = await openAsThing(this.#iot, identity, this.#clock, signal);
    try {
      await session.subscribe([deviceTopics(identity.thingName).command], signal);
    } finally {
      await session.close();
    }
  }
}

/** A connection of a hub as itself. @throws ProvisioningError `link.*` */
export async function openAsThing(
  iot: Omit<IotEndpoint, 'template'>,
  { thingName, certPem, keyPem }: { thingName: string; certPem: string; keyPem: string },
  clock: Clock,
  signal?: AbortSignal,
): Promise<MqttSession> {
  return await MqttSession.open({ ...iot, certPem, keyPem, clientId: thingName }, clock, signal);
}

/** Asks for a certificate and registers it, whoever is connected. */
export class IotClaimConnection implements ClaimConnection {
  readonly #session: MqttSession;
  readonly #provisionTopic: string;

  constructor(session: MqttSession, template: string) {
    this.#session = session;
    this.#provisionTopic = `$aws/provisioning-templates/${template}/provision/json`;
  }

  async createCertificateFromCsr(csrPem: string, signal?: AbortSignal): Promise<IssuedCertificate> {
    const body = { certificateSigningRequest: csrPem };
    const answer = await this.#ask(CREATE_FROM_CSR, body, CreatedSchema, signal);
    const { certificateId, certificatePem, certificateOwnershipToken } = answer;
    return { certificateId, certPem: certificatePem, token: certificateOwnershipToken };
  }

  async registerThing(
    { token, parameters }: { token: string; parameters: Record<string, string> },
    signal?: AbortSignal,
  ): Promise<RegisteredThing> {
    const body = { certificateOwnershipToken: token, parameters };
    return await this.#ask(this.#provisionTopic, body, ProvisionedSchema, signal);
  }

  async close(): Promise<void> {
    await this.#session.close();
  }

  async #ask<T>(topic: string, body: object, schema: z.ZodType<T>, signal?: AbortSignal): Promise<T> {
    const accepted = `${topic}/accepted`;
    const rejected = `${topic}/rejected`;
    await this.#session.subscribe([accepted, rejected], signal);
    const answer = await this.#session.request(topic, body, [accepted, rejected], signal);
    if (answer.topic === rejected) throw refusalOf(topic, parsed(RejectedSchema, answer.payload, rejected));
    return parsed(schema, answer.payload, accepted);
  }
}

function parsed<T>(schema: z.ZodType<T>, payload: Uint8Array, topic: string): T {
  const result = parseJson(schema, payload);
  if (result.ok) return result.value;
  const problems = result.refusals.map(({ path, reason }) => `${path} ${reason}`.trim());
  throw new ProvisioningError('claim.bad-answer', `${topic}: ${problems.join('; ')}`);
}

function refusalOf(topic: string, refusal: z.infer<typeof RejectedSchema>): ProvisioningError {
  const { statusCode, errorCode, errorMessage } = refusal;
  const words = `${topic} was refused by ${statusCode} ${errorCode}: ${errorMessage}`;
  if (statusCode === 429 || statusCode >= 500) return new ProvisioningError('claim.unavailable', words);
  if (statusCode === 403) return new ProvisioningError('claim.refused', errorMessage || errorCode || 'access denied');
  const isAboutToken = /ownership ?token/i.test(`${errorCode} ${errorMessage}`);
  return new ProvisioningError(isAboutToken ? 'claim.token-refused' : 'claim.rejected', words);
}
