import { z } from 'zod';
import { GapReasonSchema, LaneSchema } from '../../../contract/index.js';

const SeqSchema = z.number().int().positive();
const CountSchema = z.number().int().nonnegative();
/** First and last, both within. */
const RangeSchema = z.tuple([SeqSchema, SeqSchema]);
const PerLaneSchema = z.object({
  0: CountSchema.optional(),
  1: CountSchema.optional(),
  2: CountSchema.optional(),
  3: CountSchema.optional(),
});
const GapRangeSchema = z.object({ from: SeqSchema, to: SeqSchema, reason: GapReasonSchema });
const ReplySchema = z.object({
  req: z.string().describe('the name of the request that it answers'),
  gen: z.string(),
  acks: PerLaneSchema,
  state: z.enum(['open', 'E_FORK', 'E_EPOCH_CLOSED']),
});

/** Who wrote the line: for a hub the name of its card, which stays when its process starts anew. */
const head = {
  at: z.number().describe('milliseconds, true time of the machine: never the clock that a hub is made to believe'),
  mono: z.number().describe('milliseconds, rises within one file'),
  proc: z.string(),
};
const onHub = { ...head, hub: z.string() };
const inEpoch = { ...onHub, epoch: z.string() };
const inLane = { ...inEpoch, lane: LaneSchema };
/** A moment by the clock of the hub: of this boot, so long after it. */
const byHubClock = { boot: z.string(), bootMs: z.number() };

const hubSteps = [
  z.object({
    ...onHub,
    step: z.literal('enq.call'),
    lane: LaneSchema,
    hash: z.string().describe('of the body; no two calls have the same, so that it names the event everywhere'),
  }),
  z.object({
    ...inLane,
    step: z.literal('enq.ok'),
    hash: z.string(),
    seq: SeqSchema,
    id: z.string(),
    producer: z.string().optional().describe('who called, if several do: among them there is no order'),
  }),
  z.object({ ...onHub, step: z.literal('enq.err'), lane: LaneSchema, hash: z.string(), code: z.string() }),
  z.object({ ...inEpoch, step: z.literal('reg.set'), key: z.string(), ver: SeqSchema, hash: z.string() }),
  z.object({
    ...inEpoch,
    step: z.literal('send'),
    req: z.string(),
    after: PerLaneSchema,
    slices: z.array(z.object({ lane: LaneSchema, from: SeqSchema, to: SeqSchema })),
    gaps: z.array(GapRangeSchema.extend({ lane: LaneSchema })),
    window: CountSchema.describe('the most events that it may have held').optional(),
    control: CountSchema.describe('the last number of lane 0 when it was put together; absent: now').optional(),
    regs: z
      .array(z.tuple([z.string(), SeqSchema, CountSchema]))
      .describe('key, version and `sup`')
      .optional(),
    downGen: z.string().nullable(),
    downAcked: CountSchema,
  }),
  z.object({
    ...inEpoch,
    ...ReplySchema.shape,
    step: z.literal('reply.got'),
    echo: z.string().describe('the request that the reply itself names, where the way may mix them up').optional(),
  }),
  z.object({
    ...inEpoch,
    step: z.literal('hub.commit'),
    acks: PerLaneSchema.describe('up to here the lane is deleted'),
    regs: z.array(z.tuple([z.string(), SeqSchema, CountSchema])).describe('key, version and `sup` of those cleared'),
  }),
  z.object({
    ...inLane,
    step: z.literal('drop'),
    from: SeqSchema,
    to: SeqSchema,
    reason: GapReasonSchema,
    ttlMs: z.number().optional().describe('of a drop for age'),
    held: z
      .object({ bytes: CountSchema, limit: CountSchema })
      .optional()
      .describe('the lane before it, with what came'),
  }),
  z.object({
    ...onHub,
    step: z.literal('move').describe('of an event or a gap into a new epoch'),
    lane: LaneSchema,
    what: z.enum(['event', 'gap']),
    from: z.object({ epoch: z.string(), from: SeqSchema, to: SeqSchema }),
    to: z.object({ epoch: z.string(), from: SeqSchema, to: SeqSchema }),
  }),
  z.object({
    ...inEpoch,
    step: z.literal('open').describe('what a start found on the card'),
    next: PerLaneSchema,
    held: z.array(z.object({ lane: LaneSchema, from: SeqSchema, to: SeqSchema })).describe('events that can be read'),
  }),
  z.object({ ...inEpoch, step: z.literal('card.lost').describe('with all that was on it and not salvaged') }),
  z.object({ ...onHub, step: z.literal('card.damaged').describe('from here on some of it may be unreadable') }),
  z.object({ ...inEpoch, step: z.literal('card.cloned'), of: z.string().describe('the card that it is a copy of') }),
  z.object({ ...onHub, step: z.literal('disk.full') }),
  z.object({
    ...onHub,
    step: z.literal('sample'),
    fileBytes: CountSchema.describe('of the database and its WAL'),
    capBytes: CountSchema,
    backlog: CountSchema.describe('events and gaps that the cloud has not acknowledged'),
  }),
  z.object({ ...onHub, step: z.literal('link'), up: z.boolean() }),
] as const;

const commandSteps = [
  z.object({
    ...onHub,
    step: z.literal('cmd.create'),
    cmd: z.string(),
    gen: z.string(),
    downSeq: SeqSchema,
    slot: z.string(),
    rev: SeqSchema,
    atMostOnce: z.boolean(),
    deadlineMs: z.number().nullable().describe('by the true time; null: none').optional(),
  }),
  z.object({
    ...onHub,
    ...byHubClock,
    step: z.literal('cmd.recv').describe('committed in the inbox'),
    cmd: z.string(),
    gen: z.string(),
    downSeq: SeqSchema,
    slot: z.string(),
    rev: SeqSchema,
    spanMs: z.number().nullable().describe('left until its deadline; null: none'),
    tombstone: z.boolean(),
  }),
  z.object({ ...onHub, step: z.literal('cmd.start'), cmd: z.string() }),
  z.object({
    ...onHub,
    ...byHubClock,
    step: z.literal('cmd.effect'),
    cmd: z.string(),
    slot: z.string(),
    rev: SeqSchema,
  }),
  z.object({
    ...onHub,
    step: z.literal('cmd.result').describe('committed with its end'),
    cmd: z.string(),
    state: z.string(),
  }),
  z.object({
    ...onHub,
    step: z.literal('cmd.final').describe('in the cloud, committed'),
    cmd: z.string(),
    state: z.string(),
  }),
] as const;

const StreamSchema = z.object({ hub: z.string(), epoch: z.string(), lane: LaneSchema, hwm: CountSchema });

const cloudSteps = [
  z.object({
    ...inLane,
    step: z.literal('cloud.commit'),
    gen: z.string(),
    old: CountSchema,
    new: CountSchema,
    seqs: z.array(RangeSchema).describe('new rows of `event`'),
    dead: z.array(RangeSchema),
    covered: z.array(RangeSchema).describe('of an earlier epoch, and here already'),
    gaps: z.array(GapRangeSchema).describe('new rows of `gap`'),
  }),
  z.object({
    ...inEpoch,
    step: z.literal('cloud.reg').describe('a register was applied'),
    gen: z.string(),
    ord: SeqSchema.describe('the place of the epoch'),
    key: z.string(),
    ver: SeqSchema,
  }),
  z.object({ ...inEpoch, ...ReplySchema.shape, step: z.literal('reply').describe('leaves the cloud') }),
  z.object({
    ...head,
    step: z.literal('restore').describe('of a backup: what was committed and is not in these streams is gone'),
    gen: z.string(),
    streams: z.array(StreamSchema),
  }),
  z.object({ ...head, step: z.literal('crash'), hub: z.string().optional().describe('absent: the cloud') }),
  z.object({ ...head, step: z.literal('quiet').describe('from here on nothing goes wrong and nothing new is made') }),
] as const;

/**
 * One line of a history. Source: sync protocol, section 9; `move`, `card.*`, `restore`, `sample`, `link` besides it.
 *
 * A process can be killed between a commit and its line. So a line that allows something is written before what it allows:
 * `enq.call`, `send`, `reply.got`, `drop` and `move` before the commit that follows from them. A line that promises something
 * is written after the commit that it is about: `enq.ok`, `hub.commit`, `cloud.commit`, `reply` and those of commands.
 */
export const StepSchema = z.discriminatedUnion('step', [...hubSteps, ...commandSteps, ...cloudSteps]);

export type Step = z.infer<typeof StepSchema>;

export type StepName = Step['step'];

/** The step of one name. */
export type StepOf<N extends StepName> = Extract<Step, { step: N }>;

/** What happened, in one order. */
export type History = readonly Step[];

export type Range = z.infer<typeof RangeSchema>;
