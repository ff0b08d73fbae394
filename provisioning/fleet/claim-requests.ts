import { z } from 'zod';
import { CertificateIdSchema, parseJson, ThingNameSchema } from '../../contract/index.js';
import type { Clock } from '../../hardware/index.js';
import { ProvisioningError } from '../errors.js';
import { ask } from '../mqtt/ask.js';
import type { MqttChannel } from '../mqtt/mqtt-session.js';
import type { ClaimRequests } from './claim-link.js';
import { refusalOf } from './claim-refusal.js';
import { DeviceConfigurationSchema } from './state.js';

/** On what, and as what, requests are made. */
export interface ClaimRequestsDeps {
  /** Name of the provisioning template. */
  readonly template: string;
  readonly clock: Pick<Clock, 'sleep'>;
  /** Resolves when no answer can come any more. */
  readonly ended?: Promise<ProvisioningError | undefined>;
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

/** Fleet provisioning on a connection that stands: by the claim certificate, or by the one that a hub has. */
export function claimRequestsOn(channel: MqttChannel, deps: ClaimRequestsDeps): ClaimRequests {
  const provision = `$aws/provisioning-templates/${deps.template}/provision/json`;
  return {
    createCertificateFromCsr: async (csrPem, signal) => {
      const body = { certificateSigningRequest: csrPem };
      const answer = await answerTo(channel, { topic: CREATE_FROM_CSR, body, schema: CreatedSchema }, deps, signal);
      const { certificateId, certificatePem, certificateOwnershipToken } = answer;
      return { certificateId, certPem: certificatePem, token: certificateOwnershipToken };
    },
    registerThing: async ({ token, parameters }, signal) => {
      const body = { certificateOwnershipToken: token, parameters };
      try {
        return await answerTo(channel, { topic: provision, body, schema: ProvisionedSchema }, deps, signal);
      } catch (error) {
        if (!(error instanceof ProvisioningError) || error.code !== 'link.not-allowed') throw error;
        const words = `the certificate may not use template ${deps.template}: ${error.message}`;
        throw new ProvisioningError('claim.template-unknown', words, { cause: error });
      }
    },
  };
}

async function answerTo<T>(
  channel: MqttChannel,
  { topic, body, schema }: { topic: string; body: object; schema: z.ZodType<T> },
  { clock, ended }: ClaimRequestsDeps,
  signal: AbortSignal | undefined,
): Promise<T> {
  const [accepted, rejected] = [`${topic}/accepted`, `${topic}/rejected`];
  const question = { topic, body, answers: [accepted, rejected] };
  const answer = await ask(channel, question, { clock, signal, ended });
  if (answer.topic === rejected) throw refusalOf(topic, answer.payload);
  const result = parseJson(schema, answer.payload);
  if (result.ok) return result.value;
  const problems = result.refusals.map(({ path, reason }) => `${path} ${reason}`.trim());
  throw new ProvisioningError('claim.bad-answer', `${accepted}: ${problems.join('; ')}`);
}
