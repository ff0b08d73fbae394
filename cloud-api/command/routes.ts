import { eq } from 'drizzle-orm';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { IdSchema, ProblemSchema } from '../../contract/index.js';
import { personOf } from '../auth/principal.js';
import type { CloudContext } from '../context.js';
import { type Tx, withHousehold } from '../database/database.js';
import { display } from '../display/tables.js';
import { CloudError } from '../errors.js';
import type { Commands } from './commands.js';

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
        const cmdId = await withHousehold(context.db, householdId, async (tx) => {
          const { displayId, hubId } = await findDisplay(tx, request.params.id);
          const { command } = await commands.enqueueCommand(tx, {
            hubId,
            householdId,
            slot: `identify:${displayId}`,
            kind: 'identify',
            body: { displayId, showForS },
            deadlineAt: new Date(context.clock.now() + IDENTIFY_DEADLINE_MS),
          });
          return command.cmdId;
        });
        return reply.code(202).send({ cmdId, state: 'QUEUED' });
      },
    );
    app.post('/api/v1/displays/:id/refresh', OPTIONS, async (request, reply) => {
      const { householdId } = personOf(request);
      const cmdId = await withHousehold(context.db, householdId, async (tx) => {
        const { displayId, hubId } = await findDisplay(tx, request.params.id);
        const slot = `refresh:${displayId}`;
        const order = { hubId, householdId, slot, kind: 'refresh', body: { displayId } } as const;
        return (await commands.enqueueCommand(tx, order)).command.cmdId;
      });
      return reply.code(202).send({ cmdId, state: 'QUEUED' });
    });
  };
}

async function findDisplay(tx: Tx, id: string): Promise<{ displayId: string; hubId: string }> {
  const [row] = await tx
    .select({ displayId: display.id, hubId: display.hubId })
    .from(display)
    .where(eq(display.id, id));
  if (row === undefined) throw new CloudError('display_not_found', 'No display of this household has this id.');
  return row;
}
