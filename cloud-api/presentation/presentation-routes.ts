import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import {
  FormatQuerySchema,
  NewRenditionSchema,
  PresentationPageSchema,
  PresentationsQuerySchema,
  ProblemSchema,
  PUBLIC_API_PREFIX,
  PublicPresentationSchema,
  RenditionSchema,
} from '../../contract/index.js';
import { tokenHolderOf } from '../auth/principal.js';
import { ByIdSchema } from '../content/content-routes.js';
import type { Presentations } from './presentations.js';

const READ = { access: { by: 'token', permission: 'content:read' } } as const;
const WRITE = { access: { by: 'token', permission: 'content:write' } } as const;
const PRESENTATIONS = `${PUBLIC_API_PREFIX}/presentations`;

export function presentationRoutes({ presentations }: { presentations: Presentations }): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      PRESENTATIONS,
      {
        config: READ,
        schema: {
          querystring: PresentationsQuerySchema,
          response: { 200: PresentationPageSchema, default: ProblemSchema },
        },
      },
      async (request) => presentations.list(tokenHolderOf(request).householdId, request.query),
    );
    app.get(
      `${PRESENTATIONS}/:id`,
      {
        config: READ,
        schema: {
          params: ByIdSchema,
          querystring: FormatQuerySchema,
          response: { 200: PublicPresentationSchema, default: ProblemSchema },
        },
      },
      async (request) => presentations.get(tokenHolderOf(request).householdId, request.params.id, request.query.format),
    );
    app.post(
      `${PRESENTATIONS}/:id/renditions`,
      {
        config: WRITE,
        schema: {
          params: ByIdSchema,
          body: NewRenditionSchema,
          response: { 200: RenditionSchema, default: ProblemSchema },
        },
      },
      async (request) => presentations.rendition(tokenHolderOf(request).householdId, request.params.id, request.body),
    );
  };
}
