import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { API_DESCRIPTION } from './api-description.js';
import { verifyAccessToken } from './auth/access-tokens.js';
import { installGate } from './auth/gate.js';
import { authRoutes, tooManyRequests } from './auth/routes.js';
import { tokenRoutes } from './auth/token-routes.js';
import { claimRoutes } from './binding/claim-routes.js';
import { transferRoutes } from './binding/transfer-routes.js';
import { deliveryRoutes } from './command/delivery-routes.js';
import { commandRoutes } from './command/routes.js';
import type { CloudContext } from './context.js';
import { certificateRoutes } from './device/certificate-routes.js';
import { verifyDeviceToken } from './device/device-tokens.js';
import { hardwareRoutes } from './device/hardware-routes.js';
import { hubRoutes } from './device/hub-routes.js';
import { registryRoutes } from './device/registry-routes.js';
import { ticketRoutes } from './device/ticket-routes.js';
import { CloudError, toProblem } from './errors.js';
import { householdRoutes } from './household/routes.js';
import type { Services } from './services.js';
import { type LinkState, statusRoutes } from './status-routes.js';
import { eventRoutes } from './sync/event-routes.js';
import { operatorQueueRoutes } from './sync/operator-routes.js';
import { syncRoutes } from './sync/routes.js';
import { webRoutes } from './web/web-routes.js';

const BODY_LIMIT_BYTES = 1024 * 1024;
/** Clients give an upload five minutes. */
const REQUEST_LIMIT_MS = 330_000;
/** Upload tickets and hashes are the longest parts of paths; a longer part is refused by the schema of its route. */
const MAX_PARAM_CHARACTERS = 1000;

const REQUEST_ID = 'x-request-id';

/** The HTTP side of the service, not listening yet. */
export async function buildApp(
  services: Services,
  { linkState }: { linkState: () => LinkState },
): Promise<FastifyInstance> {
  const { context } = services;
  const logger: FastifyBaseLogger = context.log.child({ mod: 'http' });
  const app = fastify({
    loggerInstance: logger,
    genReqId: context.newId,
    bodyLimit: BODY_LIMIT_BYTES,
    // The framework's own lines carry whole addresses, and those of assets are signed.
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: [...context.settings.trustedProxies],
    requestTimeout: REQUEST_LIMIT_MS,
    return503OnClosing: true,
    routerOptions: { maxParamLength: MAX_PARAM_CHARACTERS },
    // Addresses that the router itself refuses pass by every hook and by the error handler.
    frameworkErrors: (error, request, reply) => {
      reply.header(REQUEST_ID, request.id);
      answerFailure(error, request, reply);
    },
    forceCloseConnections: true,
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  answerFailures(app);
  observe(app, context);
  await app.register(swagger, API_DESCRIPTION);
  await app.register(rateLimit, { global: false, errorResponseBuilder: tooManyRequests });
  installGate(app, context, {
    accessToken: (token) => verifyAccessToken(context, token),
    personalAccessToken: (token) => services.tokens.verify(token),
    deviceToken: (token) => verifyDeviceToken(context, token),
  });
  await app.register(authRoutes(services));
  await app.register(tokenRoutes(services));
  await app.register(householdRoutes(services));
  await app.register(registryRoutes(services));
  await app.register(hardwareRoutes(services));
  await app.register(certificateRoutes(services));
  await app.register(ticketRoutes(services));
  await app.register(hubRoutes(services));
  await app.register(transferRoutes(services));
  await app.register(claimRoutes(services));
  await app.register(commandRoutes(services));
  await app.register(deliveryRoutes(services));
  await app.register(syncRoutes(services));
  await app.register(eventRoutes(services));
  await app.register(operatorQueueRoutes(services));
  await app.register(services.publicApi.routes);
  await app.register(webRoutes);
  await app.register(statusRoutes({ context, linkState }));
  app.get('/openapi.json', { config: { access: { by: 'anyone' } }, schema: { hide: true } }, () => app.swagger());
  return app;
}

function answerFailures(app: FastifyInstance): void {
  app.setErrorHandler(answerFailure);
  app.setNotFoundHandler(() => {
    throw new CloudError('not_found', 'There is nothing at this path.');
  });
}

function answerFailure(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, problem } = toProblem(error, request.id);
  const { retryAfterS } = problem.error.details;
  if (typeof retryAfterS === 'number') reply.header('retry-after', String(retryAfterS));
  if (status >= 500) request.log.error({ err: error, route: request.routeOptions.url }, 'a request failed');
  // A problem passes by the route's own response schema, which may name only what it expects.
  return reply.code(status).serializer(JSON.stringify).type('application/json; charset=utf-8').send(problem);
}

function observe(app: FastifyInstance, { metrics }: Pick<CloudContext, 'metrics'>): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header(REQUEST_ID, request.id);
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const labels = { method: request.method, route, status: String(reply.statusCode) };
    metrics.count('inklet_http_requests_total', labels);
    request.log.debug({ ...labels, ms: Math.round(reply.elapsedTime) }, 'answered');
  });
}
