import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import {
  ContentPageSchema,
  ContentsQuerySchema,
  GivenIdSchema,
  IdempotencyKeySchema,
  NewContentSchema,
  NewTicketsSchema,
  ProblemSchema,
  PUBLIC_API_PREFIX,
  PublicContentSchema,
  TicketedContentSchema,
} from '../../contract/index.js';
import { tokenHolderOf } from '../auth/principal.js';
import type { Contents } from './contents.js';

const READ = { access: { by: 'token', permission: 'content:read' } } as const;
const WRITE = { access: { by: 'token', permission: 'content:write' } } as const;
const BODY_LIMIT_BYTES = 4 * 1024 * 1024;

/** The headers of a creating call. */
export const KeyedSchema = z.looseObject({ 'idempotency-key': IdempotencyKeySchema });

export const ByIdSchema = z.object({ id: GivenIdSchema });

export function contentRoutes({ contents }: { contents: Contents }): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      `${PUBLIC_API_PREFIX}/contents`,
      {
        config: WRITE,
        bodyLimit: BODY_LIMIT_BYTES,
        schema: {
          headers: KeyedSchema,
          body: NewContentSchema,
          response: { 201: TicketedContentSchema, default: ProblemSchema },
        },
      },
      async (request, reply) =>
        reply
          .code(201)
          .send(await contents.create(tokenHolderOf(request), request.headers['idempotency-key'], request.body)),
    );
    app.post(
      `${PUBLIC_API_PREFIX}/contents/:id/upload-tickets`,
      {
        config: WRITE,
        schema: {
          params: ByIdSchema,
          body: NewTicketsSchema,
          response: { 200: TicketedContentSchema, default: ProblemSchema },
        },
      },
      async (request) =>
        contents.refreshTickets(tokenHolderOf(request).householdId, request.params.id, request.body.assetIndexes),
    );
    app.get(
      `${PUBLIC_API_PREFIX}/contents/:id`,
      {
        config: READ,
        schema: { params: ByIdSchema, response: { 200: PublicContentSchema, default: ProblemSchema } },
      },
      async (request) => contents.get(tokenHolderOf(request).householdId, request.params.id),
    );
    app.get(
      `${PUBLIC_API_PREFIX}/contents`,
      {
        config: READ,
        schema: { querystring: ContentsQuerySchema, response: { 200: ContentPageSchema, default: ProblemSchema } },
      },
      async (request) => contents.list(tokenHolderOf(request).householdId, request.query),
    );
  };
}
