import { timingSafeEqual } from 'node:crypto';
import fastify, { type FastifyError, type FastifyRequest } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Logger } from 'pino';
import { z } from 'zod';
import { SimError, type SimErrorCode } from '../errors.js';
import type { IotCoreAdmin } from './admin.js';
import { FaultScriptSchema } from './faults/fault.js';
import { isJsonObject, type JsonObject } from './json.js';
import { AWS_RATES } from './rates.js';
import { DEVICE_POLICY } from './shipped-policies.js';

const HOST = '127.0.0.1';

const JsonObjectSchema = z.custom<JsonObject>(isJsonObject, 'is no JSON object');
const ThingSchema = z.object({ thingName: z.string().regex(/^[a-zA-Z0-9:_-]{1,128}$/) });
const ShadowNameSchema = z.object({ name: z.string().optional() });
const JobIdSchema = z.object({ jobId: z.string() });
const ClientSchema = z.object({ clientId: z.string() });
const StatusSchema = z.object({ status: z.enum(['ACTIVE', 'INACTIVE', 'REVOKED']) });
const OrderSchema = z.object({ jobId: z.string(), document: JsonObjectSchema, targets: z.array(z.string()).min(1) });
const DropSchema = z.object({ reasonCode: z.int().min(0).max(0xff).optional() }).nullish();
const SwitchesSchema = z.strictObject({
  denied: z.enum(['reason-code', 'disconnect']).optional(),
  rates: z.enum(['aws', 'none']).optional(),
  jobEvents: z.enum(['on', 'off']).optional(),
});
const HookSchema = z.object({ url: z.url(), headers: z.record(z.string(), z.string()).optional() }).nullable();

const STATUSES: Partial<Record<SimErrorCode, number>> = {
  'iot.not-found': 404,
  'iot.fault-invalid': 400,
  'iot.job-refused': 400,
  'iot.shadow-refused': 400,
};

export interface AdminDoor {
  readonly url: string;
  stop(): Promise<void>;
}

/** Serves the console of the stand-in as JSON over HTTP, on loopback, to whoever has the token. */
export async function startAdminDoor(
  admin: IotCoreAdmin,
  { port, token, log }: { port: number; token: string; log: Logger },
): Promise<AdminDoor> {
  // Whoever keeps half a request open does not keep the stand-in from stopping.
  const plain = fastify({ forceCloseConnections: true });
  plain.setValidatorCompiler(validatorCompiler);
  plain.setSerializerCompiler(serializerCompiler);
  plain.setErrorHandler(async (error: FastifyError | SimError, request, reply) => {
    const { status, code, message } = toldOf(error);
    if (status >= 500) log.error({ err: error, route: request.routeOptions.url }, 'admin request failed');
    await reply.code(status).send(problem(request, code, message));
  });
  plain.setNotFoundHandler((request, reply) =>
    reply.code(404).send(problem(request, 'iot.no-such-route', `${request.method} ${request.url} is not served here`)),
  );
  plain.addHook('onRequest', async (request, reply) => {
    if (isToken(request.headers.authorization ?? '', token)) return;
    await reply.code(401).send(problem(request, 'iot.not-authorized', 'the token is missing or wrong'));
  });
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.get('/things', async () => admin.things());
  app.get('/certificates', async () => admin.certificates());
  app.get('/clients', async () => admin.clients());
  app.post('/certificates/claim', async (_, reply) => reply.code(201).send(await admin.createClaimCertificate()));
  app.post('/certificates/backend', async (_, reply) => reply.code(201).send(await admin.createBackendCertificate()));
  app.post('/things/:thingName/certificates', { schema: { params: ThingSchema } }, async ({ params }, reply) => {
    const credentials = await admin.createCertificate(params.thingName, [DEVICE_POLICY]);
    admin.attachThing(params.thingName, credentials.certificateId);
    return reply.code(201).send(credentials);
  });
  app.put(
    '/certificates/:certificateId/status',
    { schema: { params: z.object({ certificateId: z.string() }), body: StatusSchema } },
    async ({ params, body }, reply) => {
      admin.setCertificateStatus(params.certificateId, body.status);
      return reply.code(204).send();
    },
  );
  app.put('/hook', { schema: { body: HookSchema } }, async ({ body }, reply) => {
    admin.setHook(body === null ? undefined : { url: body.url, headers: body.headers ?? {} });
    return reply.code(204).send();
  });
  app.put('/switches', { schema: { body: SwitchesSchema } }, async ({ body }, reply) => {
    if (body.denied !== undefined) admin.setOnDenied(body.denied);
    if (body.rates !== undefined) admin.setRates(body.rates === 'aws' ? AWS_RATES : {});
    if (body.jobEvents !== undefined) admin.setJobEvents(body.jobEvents === 'on');
    return reply.code(204).send();
  });
  const drop = { params: ClientSchema, body: DropSchema };
  app.post('/clients/:clientId/drop', { schema: drop }, async ({ params, body }) => ({
    found: admin.dropClient(params.clientId, body?.reasonCode),
  }));
  app.post('/clients/:clientId/freeze', { schema: { params: ClientSchema } }, async ({ params }) => ({
    found: admin.freezeClient(params.clientId),
  }));

  const shadow = { params: ThingSchema, querystring: ShadowNameSchema };
  app.get('/things/:thingName/shadow', { schema: shadow }, async ({ params, query }) => {
    const found = admin.shadow({ ...params, ...query });
    if (found === undefined) throw new SimError('iot.not-found', `${params.thingName} has no such shadow`);
    return found;
  });
  app.put('/things/:thingName/shadow', { schema: { ...shadow, body: JsonObjectSchema } }, async (request) =>
    admin.setDesired({ ...request.params, ...request.query }, request.body),
  );

  app.get('/jobs', async () => admin.jobs.list());
  app.post('/jobs', { schema: { body: OrderSchema } }, async ({ body }, reply) => {
    admin.jobs.create(body);
    return reply.code(201).send(body);
  });
  app.get('/jobs/:jobId/executions', { schema: { params: JobIdSchema } }, async ({ params }) =>
    admin.jobs.executions(params.jobId),
  );
  app.delete(
    '/jobs/:jobId',
    { schema: { params: JobIdSchema, querystring: z.object({ force: z.stringbool().default(false) }) } },
    async ({ params, query }, reply) => {
      admin.jobs.cancel(params.jobId, query);
      return reply.code(204).send();
    },
  );

  app.get('/faults', async () => admin.faults.report());
  app.post('/faults', { schema: { body: FaultScriptSchema } }, async ({ body }, reply) => {
    admin.faults.arm(...body);
    return reply.code(201).send(admin.faults.report());
  });
  app.delete('/faults', async (_, reply) => {
    admin.faults.clear();
    return reply.code(204).send();
  });

  const url = await plain.listen({ host: HOST, port });
  return { url, stop: () => plain.close() };
}

function isToken(authorization: string, token: string): boolean {
  const given = Buffer.from(authorization);
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** What whoever asked is told of a failure. */
function toldOf(error: FastifyError | SimError): { status: number; code: string; message: string } {
  const isOurs = error instanceof SimError;
  const status = (isOurs ? STATUSES[error.code] : error.statusCode) ?? 500;
  const code = isOurs ? error.code : status < 500 ? 'iot.bad-request' : 'iot.internal';
  return { status, code, message: status < 500 ? error.message : 'internal failure' };
}

function problem(request: FastifyRequest, code: string, message: string): object {
  return { error: { code, message, requestId: request.id, details: {} } };
}
