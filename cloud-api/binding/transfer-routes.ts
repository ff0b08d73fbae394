import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { IdSchema, ProblemSchema, TimestampSchema } from '../../contract/index.js';
import { personOf } from '../auth/principal.js';
import type { Transfers } from './transfers.js';

const OfferSchema = z.object({ id: IdSchema, expiresAt: TimestampSchema });

const TransferSchema = z.object({
  id: IdSchema,
  hubId: IdSchema,
  hwIdLast4: z.string(),
  side: z.enum(['from', 'to']).describe('whether this household gave the hub or took it'),
  state: z.enum(['offered', 'cancelled', 'expired', 'accepted']),
  offeredAt: TimestampSchema,
  expiresAt: TimestampSchema,
  endedAt: TimestampSchema.nullable(),
});

const PARAMS = { params: z.object({ id: IdSchema }) };
const GIVE_AWAY = { access: { by: 'person', permission: 'hub:unbind' } } as const;

/** Hubs on their way from one household to another. */
export function transferRoutes({ transfers }: { transfers: Transfers }): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      '/api/v1/hubs/:id/transfer',
      { config: GIVE_AWAY, schema: { ...PARAMS, response: { 200: OfferSchema, default: ProblemSchema } } },
      async (request) => {
        const { id, expiresAt } = await transfers.offer(personOf(request), request.params.id);
        return { id, expiresAt: expiresAt.toISOString() };
      },
    );
    app.delete(
      '/api/v1/hubs/:id/transfer',
      { config: GIVE_AWAY, schema: { ...PARAMS, response: { 204: z.null(), default: ProblemSchema } } },
      async (request, reply) => {
        await transfers.cancel(personOf(request), request.params.id);
        return reply.code(204).send(null);
      },
    );
    app.get(
      '/api/v1/transfers',
      {
        config: { access: { by: 'person', permission: 'hub:read' } },
        schema: { response: { 200: z.object({ items: z.array(TransferSchema) }), default: ProblemSchema } },
      },
      async (request) => {
        const items = await transfers.list(personOf(request));
        return {
          items: items.map((item) => ({
            ...item,
            offeredAt: item.offeredAt.toISOString(),
            expiresAt: item.expiresAt.toISOString(),
            endedAt: item.endedAt?.toISOString() ?? null,
          })),
        };
      },
    );
  };
}
