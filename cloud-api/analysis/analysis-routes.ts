import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import {
  AnalysesQuerySchema,
  type AnalysisEvent,
  AnalysisEventPageSchema,
  AnalysisEventsQuerySchema,
  AnalysisPageSchema,
  AnalysisStreamQuerySchema,
  NewAnalysisSchema,
  ProblemSchema,
  PUBLIC_API_PREFIX,
  PublicAnalysisSchema,
} from '../../contract/index.js';
import { tokenHolderOf } from '../auth/principal.js';
import { ByIdSchema, KeyedSchema } from '../content/content-routes.js';
import { CloudError } from '../errors.js';
import type { Analyses } from './analyses.js';

const READ = { access: { by: 'token', permission: 'content:read' } } as const;
const WRITE = { access: { by: 'token', permission: 'content:write' } } as const;
const ANALYSES = `${PUBLIC_API_PREFIX}/analyses`;

export function analysisRoutes({ analyses }: { analyses: Analyses }): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      ANALYSES,
      {
        config: WRITE,
        schema: {
          headers: KeyedSchema,
          body: NewAnalysisSchema,
          response: { 202: PublicAnalysisSchema, default: ProblemSchema },
        },
      },
      async (request, reply) =>
        reply
          .code(202)
          .send(await analyses.create(tokenHolderOf(request), request.headers['idempotency-key'], request.body)),
    );
    app.get(
      ANALYSES,
      {
        config: READ,
        schema: { querystring: AnalysesQuerySchema, response: { 200: AnalysisPageSchema, default: ProblemSchema } },
      },
      async (request) => analyses.list(tokenHolderOf(request).householdId, request.query),
    );
    app.get(
      `${ANALYSES}/:id`,
      {
        config: READ,
        schema: { params: ByIdSchema, response: { 200: PublicAnalysisSchema, default: ProblemSchema } },
      },
      async (request) => analyses.get(tokenHolderOf(request).householdId, request.params.id),
    );
    app.get(
      `${ANALYSES}/:id/events`,
      {
        config: READ,
        schema: {
          params: ByIdSchema,
          querystring: AnalysisEventsQuerySchema,
          response: { 200: AnalysisEventPageSchema, default: ProblemSchema },
        },
      },
      async (request) => analyses.events(tokenHolderOf(request).householdId, request.params.id, request.query),
    );
    app.get(
      `${ANALYSES}/:id/events/stream`,
      {
        config: READ,
        schema: {
          params: ByIdSchema,
          querystring: AnalysisStreamQuerySchema,
          headers: z.looseObject({ 'last-event-id': z.string().optional() }),
        },
      },
      async (request, reply) => {
        const { after = lastSeen(request.headers['last-event-id']) } = request.query;
        const events = await analyses.story(tokenHolderOf(request).householdId, request.params.id, after);
        return reply.header('cache-control', 'no-cache').type('text/event-stream').send(toStream(events));
      },
    );
    app.get(
      `${ANALYSES}/:id/archive`,
      { config: READ, schema: { params: ByIdSchema, response: { default: ProblemSchema } } },
      async (request) => {
        await analyses.get(tokenHolderOf(request).householdId, request.params.id);
        throw new CloudError('archive_not_found', 'Analyses by rule leave no archive.');
      },
    );
  };
}

function lastSeen(lastEventId: string | undefined): number | undefined {
  return lastEventId !== undefined && /^\d{1,9}$/.test(lastEventId) ? Number(lastEventId) : undefined;
}

/** Server-sent events (WHATWG HTML, section 9.2). Analyses by rule are over at once, and so is their stream. */
function toStream(events: readonly AnalysisEvent[]): string {
  const told = events.map((event) => `id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`);
  return `${told.join('')}event: end\n\n`;
}
