import { eq } from 'drizzle-orm';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { IdSchema, ProblemSchema, TimestampSchema } from '../../contract/index.js';
import { personOf } from '../auth/principal.js';
import type { CloudContext } from '../context.js';
import { asSystem, type Tx, withHousehold } from '../database/database.js';
import { hub } from '../device/tables.js';
import { CloudError } from '../errors.js';
import { type LoggedCommand, readDeliveryLog } from './delivery-log.js';
import { COMMAND_STATES, DELIVERY_PATHS } from './tables.js';

const PAGE = 50;
const LARGEST_PAGE = 200;

const StateSchema = z.enum(COMMAND_STATES).describe('UNKNOWN: it may have run; a later word of the hub still counts');
const StepSchema = z.object({
  state: StateSchema,
  at: TimestampSchema,
  path: z.enum(DELIVERY_PATHS).nullable().describe('the way by which it got there; null before ways were noted'),
  code: z.string().nullable(),
});
const CommandSchema = z.object({
  id: IdSchema,
  kind: z.string(),
  slot: z.string().describe('what it sets; a newer one supersedes those not yet received'),
  rev: z.number().int(),
  state: StateSchema,
  code: z.string().nullable().describe('why, where there is a reason'),
  message: z.string().nullable(),
  deadlineAt: TimestampSchema.nullable(),
  deliveries: z.array(StepSchema).describe('each state that it reached, in order'),
});
const PageSchema = z.object({
  limit: z.coerce.number().int().min(1).max(LARGEST_PAGE).default(PAGE),
  before: IdSchema.optional().describe('the last id of the page before'),
});
const ListSchema = z.object({ items: z.array(CommandSchema).describe('the newest first') });

/** The delivery log: for households of their own commands, for operators of every hub's. What a command says stays out. */
export function deliveryRoutes({ context }: { context: Pick<CloudContext, 'db'> }): FastifyPluginAsyncZod {
  const { db } = context;
  return async (app) => {
    app.get(
      '/api/v1/hubs/:id/commands',
      {
        config: { access: { by: 'person', permission: 'hub:read' } },
        schema: {
          params: z.object({ id: IdSchema }),
          querystring: PageSchema,
          response: { 200: ListSchema, default: ProblemSchema },
        },
      },
      async (request) => {
        const { householdId } = personOf(request);
        return withHousehold(db, householdId, (tx) => listOf(tx, eq(hub.id, request.params.id), request.query));
      },
    );
    app.get(
      '/api/v1/commands/:id',
      {
        config: { access: { by: 'person', permission: 'hub:read' } },
        schema: { params: z.object({ id: IdSchema }), response: { 200: CommandSchema, default: ProblemSchema } },
      },
      async (request) => {
        const { householdId } = personOf(request);
        const query = { cmdId: request.params.id };
        const [found] = await withHousehold(db, householdId, (tx) => readDeliveryLog(tx, query));
        if (found === undefined) throw new CloudError('command_not_found', 'No command has this id.');
        return viewOf(found);
      },
    );
    app.get(
      '/v1/operator/hubs/:thingName/commands',
      {
        config: { access: { by: 'operator' } },
        schema: {
          params: z.object({ thingName: z.string().min(1).max(128) }),
          querystring: PageSchema,
          response: { 200: ListSchema, default: ProblemSchema },
        },
      },
      async ({ params, query }) => asSystem(db, (tx) => listOf(tx, eq(hub.thingName, params.thingName), query)),
    );
  };
}

async function listOf(
  tx: Tx,
  which: ReturnType<typeof eq>,
  page: z.infer<typeof PageSchema>,
): Promise<z.infer<typeof ListSchema>> {
  const [owner] = await tx.select({ hubId: hub.id }).from(hub).where(which);
  if (owner === undefined) throw new CloudError('hub_not_found', 'No hub has this id.');
  return { items: (await readDeliveryLog(tx, { ...owner, ...page })).map(viewOf) };
}

function viewOf({ deliveries, deadlineAt, ...rest }: LoggedCommand): z.infer<typeof CommandSchema> {
  return {
    ...rest,
    deadlineAt: deadlineAt?.toISOString() ?? null,
    deliveries: deliveries.map(({ at, ...step }) => ({ ...step, at: at.toISOString() })),
  };
}
