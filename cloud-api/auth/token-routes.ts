import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { IdSchema, PlainTextSchema, ProblemSchema, TimestampSchema } from '../../contract/index.js';
import type { ListedToken, PersonalAccessTokens } from './personal-access-tokens.js';
import { personOf } from './principal.js';

const ListedTokenSchema = z.object({
  id: IdSchema,
  name: z.string(),
  lastFour: z.string(),
  createdAt: TimestampSchema,
  lastUsedAt: TimestampSchema.nullable(),
});

const ACCESS = { access: { by: 'person', permission: 'token:manage' } } as const;

export function tokenRoutes({ tokens }: { tokens: PersonalAccessTokens }): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      '/api/v1/tokens',
      {
        config: ACCESS,
        schema: {
          body: z.object({ name: PlainTextSchema.pipe(z.string().trim().min(1).max(100)) }),
          response: {
            201: ListedTokenSchema.extend({ token: z.string().describe('shown this once') }),
            default: ProblemSchema,
          },
        },
      },
      async (request, reply) => {
        const { token, ...listed } = await tokens.create(personOf(request), request.body.name);
        return reply.code(201).send({ ...toWire(listed), token });
      },
    );
    app.get(
      '/api/v1/tokens',
      {
        config: ACCESS,
        schema: { response: { 200: z.object({ items: z.array(ListedTokenSchema) }), default: ProblemSchema } },
      },
      async (request) => ({ items: (await tokens.list(personOf(request).householdId)).map(toWire) }),
    );
    app.delete(
      '/api/v1/tokens/:id',
      {
        config: ACCESS,
        schema: { params: z.object({ id: IdSchema }), response: { 204: z.null(), default: ProblemSchema } },
      },
      async (request, reply) => {
        await tokens.revoke(personOf(request).householdId, request.params.id);
        return reply.code(204).send(null);
      },
    );
  };
}

function toWire({ createdAt, lastUsedAt, ...token }: ListedToken): z.infer<typeof ListedTokenSchema> {
  return { ...token, createdAt: createdAt.toISOString(), lastUsedAt: lastUsedAt?.toISOString() ?? null };
}
