import { and, desc, eq, gte } from 'drizzle-orm';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { EpochSchema, IdSchema, LaneSchema, ProblemSchema, TimestampSchema } from '../../contract/index.js';
import { personOf } from '../auth/principal.js';
import { inCalendar } from '../calendar.js';
import type { CloudContext } from '../context.js';
import { type Tx, withHousehold } from '../database/database.js';
import { hub } from '../device/tables.js';
import { CloudError } from '../errors.js';
import { event } from './tables.js';

const MAX_EVENTS = 500;
const DAY_MS = 24 * 60 * 60 * 1000;
const LOOK_BACK_DAYS = [2, 30, Infinity] as const;

type EventRow = typeof event.$inferSelect;

const EventSchema = z.object({
  epoch: EpochSchema.describe("the hub's queue database; a new one counts from 1 again"),
  lane: LaneSchema,
  seq: z.number().int().positive(),
  type: z.string(),
  body: z.unknown(),
  notBefore: TimestampSchema.describe('it happened between this moment and notAfter'),
  notAfter: TimestampSchema,
  receivedAt: TimestampSchema,
});

/** What happened on a hub, for the people of its household. */
export function eventRoutes({ context }: { context: CloudContext }): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/api/v1/hubs/:id/events',
      {
        config: { access: { by: 'person', permission: 'hub:read' } },
        schema: {
          params: z.object({ id: IdSchema }),
          querystring: z.object({ limit: z.coerce.number().int().min(1).max(MAX_EVENTS).default(50) }),
          response: {
            200: z.object({ items: z.array(EventSchema).describe('the newest, in the order in which they happened') }),
            default: ProblemSchema,
          },
        },
      },
      async (request) => {
        const { householdId } = personOf(request);
        const { id: hubId } = request.params;
        const rows = await withHousehold(context.db, householdId, async (tx) => {
          const [known] = await tx.select({ id: hub.id }).from(hub).where(eq(hub.id, hubId));
          if (known === undefined) throw new CloudError('hub_not_found', 'No hub has this id.');
          return newestEvents(tx, { hubId, limit: request.query.limit, nowMs: context.clock.now() });
        });
        return { items: rows.reverse().map(viewOf) };
      },
    );
  };
}

/** Looks into the last days first, as each day lies in a partition of its own. */
async function newestEvents(
  tx: Tx,
  { hubId, limit, nowMs }: { hubId: string; limit: number; nowMs: number },
): Promise<EventRow[]> {
  for (const days of LOOK_BACK_DAYS) {
    const rows = await tx
      .select()
      .from(event)
      .where(and(eq(event.hubId, hubId), gte(event.receivedAt, inCalendar(nowMs - days * DAY_MS))))
      .orderBy(desc(event.receivedAt), desc(event.lane), desc(event.seq))
      .limit(limit);
    if (rows.length === limit || days === Infinity) return rows;
  }
  return [];
}

function viewOf(row: EventRow): z.infer<typeof EventSchema> {
  const { epoch, seq, type, body, tsLo, tsHi, receivedAt } = row;
  return {
    epoch,
    lane: LaneSchema.parse(row.lane),
    seq,
    type,
    body,
    notBefore: tsLo.toISOString(),
    notAfter: tsHi.toISOString(),
    receivedAt: receivedAt.toISOString(),
  };
}
