import { z } from 'zod';
import { CommandSchema, TombstoneSchema, UnknownCommandSchema } from './commands.js';
import { IdSchema, TimestampSchema } from './fields.js';

/** The majors of the sync protocol that this build speaks. */
export const SYNC_VERSIONS = [1] as const;

/** The most events and raw bytes in one request. Source: sync protocol, section 3, Batch. */
export const SYNC_WINDOW = { events: 500, bytes: 256 * 1024 } as const;

/** Where a lane was thinned, every event left is a slice of its own between two gaps. */
const MOST_SLICES = SYNC_WINDOW.events;

/** 0 control, 1 event, 2 telemetry, 3 bulk. */
export const LaneSchema = z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)]);

export type Lane = z.infer<typeof LaneSchema>;

/** Names one life of a hub's queue file: 128 random bits as 32 lower-case hex digits. */
export const EpochSchema = z.string().regex(/^[0-9a-f]{32}$/, 'not 128 bits in hex');
const SeqSchema = z.number().int().positive();
const HighWaterSchema = z.number().int().nonnegative();

/** How far the hub's wall clock can be trusted: 0 never set, 1 kept from the last run, 2 set by NTP or server within 24 h. */
export const ClockQualitySchema = z.union([z.literal(0), z.literal(1), z.literal(2)]);

/** One event in a slice; its sequence number is the slice's `first` plus its place. */
export const SyncEventSchema = z.object({
  id: IdSchema.optional().describe('always present in lane 0'),
  type: z.string().min(1).max(64),
  tv: z.number().int().positive().describe('version of the body of this type'),
  boot: IdSchema,
  mono: z.number().nonnegative().describe('milliseconds since that boot'),
  wall: TimestampSchema,
  wq: ClockQualitySchema,
  was: z
    .array(z.object({ epoch: EpochSchema, lane: LaneSchema, seq: SeqSchema }))
    .max(16)
    .optional(),
  body: z.unknown(),
});

export type SyncEvent = z.infer<typeof SyncEventSchema>;

/** The slices of one request, each a contiguous run of events of one lane; by `event`, as far as events are looked into. */
export function logSlicesOf<T extends z.ZodType>(event: T) {
  const slice = z.object({
    lane: LaneSchema,
    first: SeqSchema,
    lastId: IdSchema.describe('the id of the last event, by which a fork is found'),
    events: z.array(event).min(1).max(SYNC_WINDOW.events),
  });
  return z.array(slice).max(MOST_SLICES);
}

/** The latest value of something that is; an older `ver` of the same key is never applied. */
export const RegisterSchema = z.object({
  key: z.string().min(1).max(128),
  ver: SeqSchema,
  sup: z.number().int().nonnegative().describe('values overwritten since the last acknowledgement'),
  boot: IdSchema,
  mono: z.number().nonnegative(),
  body: z.unknown(),
});

export type Register = z.infer<typeof RegisterSchema>;

/** Why sequence numbers will never come. Source: sync protocol, section 6; `cloud_rollback`: section 3 rule 6. */
export const GapReasonSchema = z.enum(['quota', 'ttl', 'thin', 'corrupt', 'reject_newer_major', 'cloud_rollback']);

export type GapReason = z.infer<typeof GapReasonSchema>;

/** A range of sequence numbers that will never come, and why. */
export const GapSchema = z.object({
  lane: LaneSchema,
  from: SeqSchema,
  to: SeqSchema,
  reason: GapReasonSchema,
  rows: z.number().int().nonnegative(),
  bytes: z.number().int().nonnegative(),
  firstAt: TimestampSchema.nullable(),
  lastAt: TimestampSchema.nullable(),
  was: z
    .array(z.object({ epoch: EpochSchema, lane: LaneSchema, from: SeqSchema, to: SeqSchema }))
    .max(16)
    .optional()
    .describe('where these numbers were before they were moved into this epoch'),
});

export type Gap = z.infer<typeof GapSchema>;

/** A moment of a boot at which the hub and the cloud compared their clocks: it asked then, and heard `at` within `rttMs`. Source: sync protocol, section 5. */
export const AnchorSchema = z.object({
  boot: IdSchema,
  mono: z.number().nonnegative().describe('milliseconds since that boot'),
  at: TimestampSchema.describe("the cloud's time then"),
  rttMs: z.number().nonnegative(),
});

export type Anchor = z.infer<typeof AnchorSchema>;

const CursorSchema = z.object({ seq: HighWaterSchema, id: IdSchema.nullable() });

function perLane<T extends z.ZodType>(value: T) {
  return z.object({ 0: value.optional(), 1: value.optional(), 2: value.optional(), 3: value.optional() });
}

/** An epoch that the hub has left, and per lane how far it was acknowledged: a restored cloud may know of less. */
export const LeftEpochSchema = z.object({ epoch: EpochSchema, after: perLane(HighWaterSchema) });

export type LeftEpoch = z.infer<typeof LeftEpochSchema>;

/** The most epochs in one request that the hub has left. */
export const MOST_LEFT_EPOCHS = 64;

/** `POST /v1/sync`: what the hub has, and how far it is. */
export const SyncRequestSchema = z.object({
  v: z.number().int().positive(),
  epoch: EpochSchema,
  boot: IdSchema,
  monoNow: z.number().nonnegative(),
  wallNow: TimestampSchema,
  wq: ClockQualitySchema,
  after: perLane(CursorSchema).describe('per lane the last event that the cloud acknowledged'),
  left: z
    .array(LeftEpochSchema)
    .max(MOST_LEFT_EPOCHS)
    .optional()
    .describe('the epochs that were left since the last reply that was heard in this one, the oldest first'),
  logs: logSlicesOf(SyncEventSchema),
  regs: z.array(RegisterSchema).max(1000),
  gaps: z.array(GapSchema).max(1000),
  anchors: z.array(AnchorSchema).max(64).optional().describe('of the boots whose events are in this request'),
  downGen: z
    .string()
    .min(1)
    .max(64)
    .nullable()
    .describe('the incarnation that downAcked counts in; null before the first reply'),
  downAcked: HighWaterSchema.describe('every command up to here is in the inbox'),
  freeBytes: z.number().int().nonnegative().nullable(),
  want: z.object({ down: z.number().int().min(0).max(500) }),
});

export type SyncRequest = z.infer<typeof SyncRequestSchema>;

/** What the cloud has taken, and what it has for the hub. Sent after its transaction is committed. */
export const SyncReplySchema = z.object({
  v: z.literal(1),
  gen: z.string().min(1).max(64),
  now: TimestampSchema,
  acks: perLane(HighWaterSchema),
  regAcks: z.array(z.tuple([z.string(), SeqSchema])),
  rejects: z.array(z.object({ lane: LaneSchema, seq: SeqSchema, code: z.string() })),
  holes: z.array(z.object({ code: z.literal('E_HOLE'), lane: LaneSchema, hwm: HighWaterSchema })),
  down: z.array(z.union([CommandSchema, TombstoneSchema, UnknownCommandSchema])),
  downNext: SeqSchema.describe('the sequence number that the next command will get'),
  finalUpto: HighWaterSchema.describe('commands up to here are final in the cloud; the hub may forget them'),
  window: z.object({ events: z.number().int().positive(), bytes: z.number().int().positive() }),
  retryMs: z.number().int().nonnegative().nullable(),
  spreadMs: z.number().int().nonnegative().nullable(),
  epochState: z.enum(['open', 'E_FORK', 'E_EPOCH_CLOSED']),
});

export type SyncReply = z.infer<typeof SyncReplySchema>;
