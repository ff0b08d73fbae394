import multipart from '@fastify/multipart';
import { type FastifyBaseLogger, type FastifyInstance, fastify } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { BindingSide } from '../binding/binding-side.js';
import { bindRoutes } from '../web/bind-routes.js';
import { type WebDeps, webRoutes } from '../web/web-routes.js';
import { FORM_LIMITS, MAX_BODY_BYTES } from './content-form.js';
import { guard } from './guard.js';
import { answerProblems } from './problems.js';
import { type QueueRoutesDeps, queueRoutes } from './queue-routes.js';
import { type RoutesDeps, routes } from './routes.js';

/** The local API and the household's page; not listening yet. */
export async function buildApp(
  deps: RoutesDeps &
    QueueRoutesDeps &
    WebDeps & { binding: Pick<BindingSide, 'claims' | 'view'> } & { log: FastifyBaseLogger; newId: () => string },
): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: deps.log,
    bodyLimit: MAX_BODY_BYTES,
    genReqId: () => deps.newId(),
    forceCloseConnections: true,
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.addHook('onRequest', guard);
  answerProblems(app);
  await app.register(multipart, { limits: FORM_LIMITS });
  await app.register(routes(deps));
  await app.register(queueRoutes(deps));
  await app.register(webRoutes(deps));
  await app.register(bindRoutes(deps.binding));
  return app;
}
