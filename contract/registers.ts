import { z } from 'zod';
import { IdSchema, InkSchema, Sha256Schema, TimestampSchema } from './fields.js';

/** Periodic sign of life of a hub, on `up/heartbeat`. A register: only the latest is worth keeping. */
export const HeartbeatSchema = z.object({
  v: z.literal(1),
  at: TimestampSchema.describe("the hub's wall clock"),
  bootId: IdSchema.describe('new at each start of the process'),
  uptimeS: z.number().nonnegative(),
  version: z.string().min(1).max(64).describe('the version of the hub software'),
  queueDepth: z.number().int().nonnegative().describe('events in the outbox that the cloud has not acknowledged'),
  rssBytes: z.number().int().nonnegative(),
  temperatureC: z.number().nullable().describe('of the processor; null where it cannot be read'),
  link: z.object({
    connectedSince: TimestampSchema,
    reconnects: z.number().int().nonnegative().describe('since the process started'),
  }),
  nextHeartbeatS: z.number().int().positive().describe('the cloud takes the hub for offline after twice this'),
});

export type Heartbeat = z.infer<typeof HeartbeatSchema>;

/** One display as its hub reports it. */
export const DisplayStateSchema = z.object({
  displayId: IdSchema,
  name: z.string().min(1).max(100),
  kind: z.enum(['wired', 'satellite']),
  panel: z.string().min(1).max(64).describe('the id of a row of the panel table, e.g. 7in5_V2'),
  width: z.number().int().min(1).max(8192),
  height: z.number().int().min(1).max(8192),
  inks: z.array(InkSchema).min(2).max(16).describe('in the order of their ink index'),
  profile: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe('the measurement of its inks that the hub draws with; the usual one if absent'),
  currentPresentationId: IdSchema.nullable().describe('what the glass shows'),
  pendingPresentationId: IdSchema.nullable().describe('what it is about to show'),
  frameSha256: Sha256Schema.nullable().describe('the frame on the glass'),
  updatedAt: TimestampSchema.describe('when the glass last changed, or the hub first knew the display'),
});

export type DisplayState = z.infer<typeof DisplayStateSchema>;

/** What a hub is and what its displays show, on `up/state`. A register. */
export const StateSchema = z.object({
  v: z.literal(1),
  at: TimestampSchema,
  rev: z.number().int().positive().describe('rises with every state that the hub sends; an older one is ignored'),
  hwId: z.string().regex(/^[0-9a-f]{20}$/),
  model: z.string().min(1).max(64),
  version: z.string().min(1).max(64),
  bound: z.boolean().describe('whether the hub takes itself to belong to a household'),
  householdId: IdSchema.nullable()
    .optional()
    .describe('to which, or the id of a binding made at the hub; null for nobody; absent in what older hubs send'),
  displays: z.array(DisplayStateSchema).max(32),
});

export type State = z.infer<typeof StateSchema>;

/** A hub that belongs to nobody asks for a claim code, on `up/request_claim`. */
export const RequestClaimSchema = z.object({
  v: z.literal(1),
  requestId: IdSchema.describe('a repeated request with this id gets the same code'),
});

const LaneHealthSchema = z.object({
  rows: z.number().int().nonnegative().describe('events that the cloud has not acknowledged'),
  bytes: z.number().int().nonnegative(),
  oldestS: z
    .number()
    .nonnegative()
    .nullable()
    .describe('age of the oldest by the monotonic clock; null if unknown or none'),
});

/** How a hub's queue and card are: the register `health` of the sync. Counters are since its queue file was made. */
export const HealthSchema = z.object({
  v: z.literal(1),
  at: TimestampSchema,
  version: z.string().min(1).max(64),
  lanes: z.object({ 0: LaneHealthSchema, 1: LaneHealthSchema, 2: LaneHealthSchema, 3: LaneHealthSchema }),
  enqueued: z.number().int().nonnegative(),
  acked: z.number().int().nonnegative(),
  rejected: z.number().int().nonnegative().describe('acknowledged, but kept as dead letters by the cloud'),
  superseded: z
    .number()
    .int()
    .nonnegative()
    .describe('values of registers that were overwritten before they were sent'),
  dropped: z.record(z.string(), z.number().int().nonnegative()).describe('events by the reason of their gap'),
  freeBytes: z.number().int().nonnegative().nullable(),
});

export type Health = z.infer<typeof HealthSchema>;
