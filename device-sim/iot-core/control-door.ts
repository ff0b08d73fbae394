import fastify, { type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { SimError } from '../errors.js';
import type { IotCoreAdmin } from './admin.js';
import { arn } from './arn.js';
import type { CertificateRecord } from './registry.js';

const HOST = '127.0.0.1';
const PRINCIPAL = new RegExp(`^${arn('cert', '')}([0-9a-f]{64})$`);

const CertificateSchema = z.object({ certificateId: z.string().regex(/^[0-9a-f]{64}$/) });
const StatusSchema = z.object({ newStatus: z.enum(['ACTIVE', 'INACTIVE', 'REVOKED']) });
const ThingSchema = z.object({ thingName: z.string().regex(/^[a-zA-Z0-9:_-]{1,128}$/) });
const PrincipalSchema = z.object({ 'x-amzn-principal': z.string().regex(PRINCIPAL, 'is no certificate of ours') });

/** Where the control API of the stand-in is. */
export interface ControlDoor {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Serves what the cloud needs of AWS IoT's control plane, on loopback: certificates described and given a status, things
 * described, certificates detached from them. Signatures are not checked, yet a request must carry one.
 * Source: AWS IoT API reference, by the names of its operations.
 */
export async function startControlDoor(admin: IotCoreAdmin, { port }: { port: number }): Promise<ControlDoor> {
  // Half a request that nobody ends would keep the process for ever.
  const plain = fastify({ forceCloseConnections: true });
  plain.setValidatorCompiler(validatorCompiler);
  plain.setSerializerCompiler(serializerCompiler);
  plain.setErrorHandler(tellError);
  plain.setNotFoundHandler((_, reply) => refuse(reply, 400, 'UnknownOperationException', 'no such operation'));
  plain.addHook('onRequest', async (request, reply) => {
    if (/^AWS4-HMAC-SHA256 Credential=/.test(request.headers.authorization ?? '')) return;
    await refuse(reply, 403, 'MissingAuthenticationTokenException', 'Missing Authentication Token');
  });
  const app = plain.withTypeProvider<ZodTypeProvider>();

  // DescribeCertificate
  app.get('/certificates/:certificateId', { schema: { params: CertificateSchema } }, async ({ params }) => ({
    certificateDescription: described(certificateOf(admin, params.certificateId)),
  }));
  // UpdateCertificate
  app.put(
    '/certificates/:certificateId',
    { schema: { params: CertificateSchema, querystring: StatusSchema } },
    async ({ params, query }, reply) => {
      admin.setCertificateStatus(params.certificateId, query.newStatus);
      return reply.code(200).send();
    },
  );
  // DescribeThing
  app.get('/things/:thingName', { schema: { params: ThingSchema } }, async ({ params: { thingName } }) => {
    const { attributes, thingTypeName } = thingOf(admin, thingName);
    return { thingName, thingArn: arn('thing', thingName), attributes, thingTypeName, version: 1 };
  });
  // ListThingPrincipals
  app.get('/things/:thingName/principals', { schema: { params: ThingSchema } }, async ({ params: { thingName } }) => {
    thingOf(admin, thingName);
    const attached = admin.certificates().filter((one) => one.thingName === thingName);
    return { principals: attached.map(({ certificateId }) => arn('cert', certificateId)) };
  });
  // DetachThingPrincipal
  app.delete(
    '/things/:thingName/principals',
    { schema: { params: ThingSchema, headers: PrincipalSchema } },
    async ({ params, headers }, reply) => {
      thingOf(admin, params.thingName);
      admin.detachThing(params.thingName, PRINCIPAL.exec(headers['x-amzn-principal'])?.[1] ?? '');
      return reply.code(200).send();
    },
  );

  const url = await plain.listen({ host: HOST, port });
  return { url, stop: () => plain.close() };
}

function certificateOf(admin: IotCoreAdmin, certificateId: string): CertificateRecord {
  const found = admin.certificates().find((one) => one.certificateId === certificateId);
  if (found === undefined) throw new SimError('iot.not-found', `certificate ${certificateId} does not exist`);
  return found;
}

function thingOf(admin: IotCoreAdmin, thingName: string): ReturnType<IotCoreAdmin['things']>[number] {
  const found = admin.things().find((one) => one.thingName === thingName);
  if (found === undefined) throw new SimError('iot.not-found', `thing ${thingName} does not exist`);
  return found;
}

function described({ certificateId, certificatePem, status, createdMs }: CertificateRecord): object {
  // AWS tells times in seconds.
  const creationDate = createdMs / 1000;
  return { certificateArn: arn('cert', certificateId), certificateId, certificatePem, status, creationDate };
}

async function tellError(error: FastifyError | SimError, _: FastifyRequest, reply: FastifyReply): Promise<void> {
  if (error instanceof SimError && error.code === 'iot.not-found') {
    await refuse(reply, 404, 'ResourceNotFoundException', error.message);
    return;
  }
  const isTheirs = !(error instanceof SimError) && (error.statusCode ?? 500) < 500;
  if (isTheirs) await refuse(reply, 400, 'InvalidRequestException', error.message);
  else await refuse(reply, 500, 'InternalFailureException', 'internal failure');
}

/** The shape of errors of AWS's REST-JSON protocol. */
async function refuse(reply: FastifyReply, status: number, type: string, message: string): Promise<void> {
  await reply.code(status).header('x-amzn-errortype', type).send({ message });
}
