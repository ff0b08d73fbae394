import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { IdSchema, ProblemSchema, TimestampSchema } from '../../contract/index.js';
import { personOf } from '../auth/principal.js';
import type { Claims } from './claims.js';
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

const ClaimSchema = z.object({
  claimId: IdSchema,
  model: z.string(),
  hwIdLast4: z.string(),
  word: z.string().describe('the glass shows the same word; a person compares the two'),
  expiresAt: TimestampSchema,
});

const BoundSchema = z.object({
  hub: z.object({ id: IdSchema, thingName: z.string() }),
  displays: z.array(z.object({ id: IdSchema, name: z.string(), panel: z.string() })),
});

const ParamsSchema = z.object({ id: IdSchema });
const BIND = { access: { by: 'person', permission: 'hub:bind' } } as const;

export function hubRoutes({ hubs, claims }: { hubs: Hubs; claims: Claims }): FastifyPluginAsyncZod {
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
        await claims.unbind(personOf(request).householdId, request.params.id);
        return reply.code(204).send(null);
      },
    );
    app.post(
      '/api/v1/claims',
      {
        config: BIND,
        schema: {
          body: z.object({ code: z.string().max(32) }),
          response: { 200: ClaimSchema, default: ProblemSchema },
        },
      },
      async (request) => {
        const found = await claims.lookUp(personOf(request), request.ip, request.body.code);
        return { ...found, expiresAt: found.expiresAt.toISOString() };
      },
    );
    app.post(
      '/api/v1/claims/:id/confirm',
      { config: BIND, schema: { params: ParamsSchema, response: { 200: BoundSchema, default: ProblemSchema } } },
      async (request) => claims.confirm(personOf(request), request.params.id),
    );
  };
}
