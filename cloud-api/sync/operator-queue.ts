import { and, asc, desc, eq, sql } from 'drizzle-orm';
import { z } from 'zod';
import {
  EpochSchema,
  GapReasonSchema,
  HealthSchema,
  LaneSchema,
  parseMessage,
  TimestampSchema,
} from '../../contract/index.js';
import type { CloudContext } from '../context.js';
import { asSystem, queryRows, type Tx } from '../database/database.js';
import { hub } from '../device/tables.js';
import { CloudError } from '../errors.js';
import { hubEpoch, state, stream } from './tables.js';

const CountSchema = z.coerce.number().int().nonnegative();
const MomentSchema = z.coerce.date().transform((at) => at.toISOString());

const StreamSchema = z.object({
  epoch: EpochSchema.describe("the hub's queue file"),
  isOpen: z.boolean().describe('false: the hub has begun a newer one'),
  lane: LaneSchema,
  upTo: z.number().describe('every number up to here is stored, a dead letter, or in a gap'),
  updatedAt: TimestampSchema,
});

/** How the queue of a hub stands, as its operator sees it. */
export const OperatorQueueSchema = z.object({
  thingName: z.string(),
  lastSeenAt: TimestampSchema.nullable(),
  health: HealthSchema.nullable().describe('what the hub said last of its queue and card'),
  healthAt: TimestampSchema.nullable(),
  streams: z.array(StreamSchema).describe('the newest queue file first'),
  gaps: z
    .array(
      z.object({
        lane: LaneSchema,
        reason: GapReasonSchema,
        ranges: z.number(),
        events: z.number(),
        lastAt: TimestampSchema,
      }),
    )
    .describe('what will never come, by lane and reason'),
  deadLetters: z
    .array(z.object({ lane: LaneSchema, reason: z.string(), count: z.number(), lastAt: TimestampSchema }))
    .describe('what came and could not be read or applied'),
});

type OperatorQueue = z.infer<typeof OperatorQueueSchema>;

/** @throws CloudError `hub_not_found` */
export async function queueOf({ db }: Pick<CloudContext, 'db'>, thingName: string): Promise<OperatorQueue> {
  return asSystem(db, async (tx) => {
    const { id, lastSeenAt } = await hubNamed(tx, thingName);
    const told = await healthOf(tx, id);
    const health = told === undefined ? undefined : parseMessage(HealthSchema, told.body);
    return {
      thingName,
      lastSeenAt: lastSeenAt?.toISOString() ?? null,
      health: health?.ok ? health.value : null,
      healthAt: told?.updatedAt.toISOString() ?? null,
      streams: await streamsOf(tx, id),
      gaps: await queryRows(tx, GapSumSchema, gapSums(id)),
      deadLetters: await queryRows(tx, DeadSumSchema, deadSums(id)),
    };
  });
}

/** @throws CloudError `hub_not_found` */
export async function hubNamed(tx: Tx, thingName: string): Promise<{ id: string; lastSeenAt: Date | null }> {
  const [row] = await tx
    .select({ id: hub.id, lastSeenAt: hub.lastSeenAt })
    .from(hub)
    .where(eq(hub.thingName, thingName));
  if (row === undefined) throw new CloudError('hub_not_found', 'No hub has this name.');
  return row;
}

const GapSumSchema = z.object({
  lane: LaneSchema,
  reason: GapReasonSchema,
  ranges: CountSchema,
  events: CountSchema,
  lastAt: MomentSchema,
});

const DeadSumSchema = z.object({ lane: LaneSchema, reason: z.string(), count: CountSchema, lastAt: MomentSchema });

async function healthOf(tx: Tx, hubId: string): Promise<{ body: unknown; updatedAt: Date } | undefined> {
  const [row] = await tx
    .select({ body: state.body, updatedAt: state.updatedAt })
    .from(state)
    .where(and(eq(state.hubId, hubId), eq(state.key, 'health')));
  return row;
}

async function streamsOf(tx: Tx, hubId: string): Promise<OperatorQueue['streams']> {
  const rows = await tx
    .select({
      epoch: stream.epoch,
      closedAt: hubEpoch.closedAt,
      lane: stream.lane,
      upTo: stream.hwm,
      updatedAt: stream.updatedAt,
    })
    .from(stream)
    .innerJoin(hubEpoch, and(eq(hubEpoch.hubId, stream.hubId), eq(hubEpoch.epoch, stream.epoch)))
    .where(eq(stream.hubId, hubId))
    .orderBy(desc(hubEpoch.ord), asc(stream.lane));
  return rows.map(({ epoch, closedAt, lane, upTo, updatedAt }) => ({
    ...{ epoch, isOpen: closedAt === null, lane: LaneSchema.parse(lane), upTo },
    updatedAt: updatedAt.toISOString(),
  }));
}

function gapSums(hubId: string): ReturnType<typeof sql> {
  return sql`select lane, reason, count(*) as ranges, sum(to_seq - from_seq + 1) as events, max(received_at) as "lastAt"
    from gap where hub_id = ${hubId} group by lane, reason order by lane, reason`;
}

function deadSums(hubId: string): ReturnType<typeof sql> {
  return sql`select lane, reason, count(*) as count, max(received_at) as "lastAt"
    from dead where hub_id = ${hubId} group by lane, reason order by lane, reason`;
}
