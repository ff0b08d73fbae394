import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import {
  AdvancedSchema,
  CurrentPresentationSchema,
  DisplayPageSchema,
  FormatQuerySchema,
  PageQuerySchema,
  ProblemSchema,
  PUBLIC_API_PREFIX,
  PublicDisplaySchema,
  QueuePageSchema,
  QueueQuerySchema,
  ShowAgainSchema,
  ShownAgainSchema,
} from '../../contract/index.js';
import { tokenHolderOf } from '../auth/principal.js';
import { ByIdSchema } from '../content/content-routes.js';
import type { Displays } from './displays.js';

const READ = { access: { by: 'token', permission: 'display:read' } } as const;
const CONTROL = { access: { by: 'token', permission: 'display:control' } } as const;
const DISPLAYS = `${PUBLIC_API_PREFIX}/displays`;

export function displayRoutes({ displays }: { displays: Displays }): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      DISPLAYS,
      {
        config: READ,
        schema: { querystring: PageQuerySchema, response: { 200: DisplayPageSchema, default: ProblemSchema } },
      },
      async (request) => displays.list(tokenHolderOf(request).householdId, request.query),
    );
    app.get(
      `${DISPLAYS}/:id`,
      {
        config: READ,
        schema: { params: ByIdSchema, response: { 200: PublicDisplaySchema, default: ProblemSchema } },
      },
      async (request) => displays.get(tokenHolderOf(request).householdId, request.params.id),
    );
    app.get(
      `${DISPLAYS}/:id/queue`,
      {
        config: READ,
        schema: {
          params: ByIdSchema,
          querystring: QueueQuerySchema,
          response: { 200: QueuePageSchema, default: ProblemSchema },
        },
      },
      async (request) => displays.queue(tokenHolderOf(request).householdId, request.params.id, request.query),
    );
    app.get(
      `${DISPLAYS}/:id/current-presentation`,
      {
        config: READ,
        schema: {
          params: ByIdSchema,
          querystring: FormatQuerySchema,
          response: { 200: CurrentPresentationSchema, default: ProblemSchema },
        },
      },
      async (request) => {
        const { householdId } = tokenHolderOf(request);
        return { presentation: (await displays.current(householdId, request.params.id, request.query.format)) ?? null };
      },
    );
    app.post(
      `${DISPLAYS}/:id/current`,
      {
        config: CONTROL,
        schema: {
          params: ByIdSchema,
          body: ShowAgainSchema,
          response: { 200: ShownAgainSchema, default: ProblemSchema },
        },
      },
      async (request) => {
        const { householdId } = tokenHolderOf(request);
        return { display: await displays.showAgain(householdId, request.params.id, request.body.presentationId) };
      },
    );
    app.post(
      `${DISPLAYS}/:id/advance`,
      {
        config: CONTROL,
        schema: { params: ByIdSchema, response: { 200: AdvancedSchema, default: ProblemSchema } },
      },
      async (request) => displays.advance(tokenHolderOf(request).householdId, request.params.id),
    );
  };
}
