import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { IdSchema, ProblemSchema } from '../../contract/index.js';
import { personOf } from '../auth/principal.js';
import type { CloudContext } from '../context.js';
import type { Commands } from './commands.js';
import { DisplayOrders } from './display-orders.js';

const QueuedSchema = z.object({ cmdId: IdSchema, state: z.literal('QUEUED') });
const OPTIONS = {
  config: { access: { by: 'person', permission: 'display:control' } },
  schema: { params: z.object({ id: IdSchema }), response: { 202: QueuedSchema, default: ProblemSchema } },
} as const;

const DEFAULT_SHOW_FOR_S = 60;
/** Nobody stands before the panel any more to see it. */
const IDENTIFY_DEADLINE_MS = 5 * 60_000;

export function commandRoutes({
  context,
  commands,
}: {
  context: CloudContext;
  commands: Commands;
}): FastifyPluginAsyncZod {
  const orders = new DisplayOrders(context, commands);
  return async (app) => {
    app.post(
      '/api/v1/displays/:id/identify',
      {
        ...OPTIONS,
        schema: {
          ...OPTIONS.schema,
          body: z.object({ showForS: z.number().int().min(5).max(3600).default(DEFAULT_SHOW_FOR_S) }).nullish(),
        },
      },
      async (request, reply) => {
        const { householdId } = personOf(request);
        const showForS = request.body?.showForS ?? DEFAULT_SHOW_FOR_S;
        const displayId = request.params.id;
        const cmdId = await orders.give({
          householdId,
          displayId,
          slot: `identify:${displayId}`,
          kind: 'identify',
          body: { displayId, showForS },
          deadlineAt: new Date(context.clock.now() + IDENTIFY_DEADLINE_MS),
        });
        return reply.code(202).send({ cmdId, state: 'QUEUED' });
      },
    );
    app.post('/api/v1/displays/:id/refresh', OPTIONS, async (request, reply) => {
      const { householdId } = personOf(request);
      const displayId = request.params.id;
      const slot = `refresh:${displayId}`;
      const cmdId = await orders.give({ householdId, displayId, slot, kind: 'refresh', body: { displayId } });
      return reply.code(202).send({ cmdId, state: 'QUEUED' });
    });
  };
}
