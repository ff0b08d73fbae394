import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { IdSchema, ProblemSchema, TimestampSchema } from '../../contract/index.js';
import { personOf } from '../auth/principal.js';
import type { Bindings } from '../binding/bindings.js';
import type { Hubs } from './hubs.js';

const HubSchema = z.object({
  id: IdSchema,
  thingName: z.string(),
  hwIdLast4: z.string(),
  model: z.string().nullable(),
  version: z.string().nullable(),
  online: z.boolean(),
  lastSeenAt: TimestampSchema.nullable(),
  boundAt: TimestampSchema.nullable(),
});

const ParamsSchema = z.object({ id: IdSchema });

export function hubRoutes({
  hubs,
  bindings,
}: {
  hubs: Hubs;
  bindings: Pick<Bindings, 'unbind'>;
}): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/api/v1/hubs',
      {
        config: { access: { by: 'person', permission: 'hub:read' } },
        schema: { response: { 200: z.object({ items: z.array(HubSchema) }), default: ProblemSchema } },
      },
      async (request) => {
        const items = await hubs.list(personOf(request).householdId);
        return {
          items: items.map((item) => ({
            ...item,
            lastSeenAt: item.lastSeenAt?.toISOString() ?? null,
            boundAt: item.boundAt?.toISOString() ?? null,
          })),
        };
      },
    );
    app.delete(
      '/api/v1/hubs/:id',
      {
        config: { access: { by: 'person', permission: 'hub:unbind' } },
        schema: { params: ParamsSchema, response: { 204: z.null(), default: ProblemSchema } },
      },
      async (request, reply) => {
        await bindings.unbind(personOf(request).householdId, request.params.id);
        return reply.code(204).send(null);
      },
    );
  };
}
