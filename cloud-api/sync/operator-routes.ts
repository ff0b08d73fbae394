import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ProblemSchema } from '../../contract/index.js';
import type { CloudContext } from '../context.js';
import { renewGeneration } from '../database/generation.js';
import { DeadLetterSchema, deadLettersOf, gapsOf, OperatorGapSchema } from './operator-pages.js';
import { OperatorQueueSchema, queueOf } from './operator-queue.js';

const OPERATOR = { access: { by: 'operator' } } as const;
const PAGE = 50;
const LARGEST_PAGE = 200;

const ParamsSchema = z.object({ thingName: z.string().min(1).max(128) });
const QuerySchema = z.object({
  cursor: z.string().max(200).optional().describe('nextCursor of the page before'),
  limit: z.coerce.number().int().min(1).max(LARGEST_PAGE).default(PAGE),
});

const GenerationSchema = z.object({ gen: z.string().describe('the incarnation of the store from now on') });

type OperatorContext = Pick<CloudContext, 'db' | 'clock' | 'log'>;

/** What operators see of the queues of hubs: how far they are, what will never come, and what nobody could read. */
export function operatorQueueRoutes({ context }: { context: OperatorContext }): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      '/v1/operator/generation',
      { config: OPERATOR, schema: { response: { 200: GenerationSchema, default: ProblemSchema } } },
      async () => {
        const { db, clock, log } = context;
        const gen = await renewGeneration(db, clock);
        log.warn({ gen }, 'the operator says that this store came back from a backup: it has a new incarnation');
        return { gen };
      },
    );
    app.get(
      '/v1/operator/hubs/:thingName/queue',
      {
        config: OPERATOR,
        schema: { params: ParamsSchema, response: { 200: OperatorQueueSchema, default: ProblemSchema } },
      },
      (request) => queueOf(context, request.params.thingName),
    );
    app.get(
      '/v1/operator/hubs/:thingName/gaps',
      {
        config: OPERATOR,
        schema: {
          params: ParamsSchema,
          querystring: QuerySchema,
          response: { 200: pageOf(OperatorGapSchema), default: ProblemSchema },
        },
      },
      (request) => gapsOf(context, { ...request.params, ...request.query }),
    );
    app.get(
      '/v1/operator/hubs/:thingName/dead-letters',
      {
        config: OPERATOR,
        schema: {
          params: ParamsSchema,
          querystring: QuerySchema,
          response: { 200: pageOf(DeadLetterSchema), default: ProblemSchema },
        },
      },
      (request) => deadLettersOf(context, { ...request.params, ...request.query }),
    );
  };
}

function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item).describe('the newest first'), nextCursor: z.string().nullable() });
}
