import { z } from 'zod';
import type { IotCore } from './iot-core.js';
import type { RawClient } from './raw-client.js';
import { makeCsr, type Site } from './test-site.js';

export const CREATE = '$aws/certificates/create-from-csr/json';
export const PROVISION = '$aws/provisioning-templates/inklet-hub/provision/json';
export const FILTERS = [CREATE, PROVISION].flatMap((topic) => [`${topic}/accepted`, `${topic}/rejected`]);

/** Parameters that need no hook. */
export const NAMED = { ThingName: 'inklet-a', hwId: '00' };

const CreatedSchema = z.strictObject({
  certificateOwnershipToken: z.string(),
  certificateId: z.string().regex(/^[0-9a-f]{64}$/),
  certificatePem: z.string(),
});

/** A client with a claim certificate that hears the answers of provisioning. */
export async function claimant(site: Site, core: IotCore, clientId = 'inklet-fp-1'): Promise<RawClient> {
  const client = await site.join(core, await core.admin.createClaimCertificate(), clientId);
  await client.subscribe(...FILTERS);
  return client;
}

/** Asks and returns the end of the answer's topic with its body. */
export async function ask(client: RawClient, topic: string, body: unknown): Promise<[string, unknown]> {
  await client.publish(topic, typeof body === 'string' ? body : JSON.stringify(body));
  const heard = await client.next();
  if (heard.cmd !== 'publish') return [heard.cmd, undefined];
  return [heard.topic.replace(topic, ''), JSON.parse(heard.payload.toString())];
}

export async function create(client: RawClient): Promise<z.infer<typeof CreatedSchema> & { keyPem: string }> {
  const { csrPem, keyPem } = await makeCsr();
  const [, body] = await ask(client, CREATE, { certificateSigningRequest: csrPem });
  return { ...CreatedSchema.parse(body), keyPem };
}
