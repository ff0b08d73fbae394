import { z } from 'zod';
import { IdSchema, TimestampSchema } from './fields.js';
import { FailureSchema, GivenIdSchema, PageQuerySchema, PlainTextSchema, pageOf } from './public-api.js';

/** `direct` fits one picture to the display, `ai` lays out texts, links and pictures. */
export const AnalysisModeSchema = z.enum(['ai', 'direct']);

export type AnalysisMode = z.infer<typeof AnalysisModeSchema>;

const DisplayIdsSchema = z.array(GivenIdSchema).min(1).max(50);
/** A target of two kinds at once says nothing; keys that we do not know are no kind. */
const AbsentSchema = z.never().optional();

/** Where the presentations go; null leaves the choice to the cloud. */
export const AnalysisTargetSchema = z.union([
  z.object({ displayId: GivenIdSchema, displayIds: AbsentSchema, output: AbsentSchema }),
  z.object({ displayId: AbsentSchema, displayIds: DisplayIdsSchema, output: AbsentSchema }),
]);

export type AnalysisTarget = z.infer<typeof AnalysisTargetSchema>;

const OutputTargetSchema = z.object({
  displayId: AbsentSchema,
  displayIds: AbsentSchema,
  output: z.object({
    formats: z.array(z.string()).optional(),
    preset: z.string().nullable().optional(),
    viewport: z.object({ width: z.number().int(), height: z.number().int() }).nullable().optional(),
    colorMode: z.string().nullable().optional(),
  }),
});

/** `POST /analyses`. */
export const NewAnalysisSchema = z.object({
  mode: AnalysisModeSchema,
  contentIds: z.array(GivenIdSchema).max(50),
  context: z.enum(['submitted', 'history']),
  scope: z
    .object({ since: z.string().regex(/^\d{1,6}[mhd]$/, 'not a span such as 90m, 24h or 7d') })
    .nullable()
    .default(null),
  intent: PlainTextSchema.pipe(z.string().max(4000)).nullable().default(null),
  title: PlainTextSchema.pipe(z.string().max(500)).nullable().default(null),
  target: z.union([AnalysisTargetSchema, OutputTargetSchema]).nullable().default(null),
});

export type NewAnalysis = z.infer<typeof NewAnalysisSchema>;

export const AnalysisStateSchema = z.enum(['queued', 'running', 'completed', 'failed']);

/** The act of turning contents into presentations, as a client sees it. */
export const PublicAnalysisSchema = z.object({
  id: IdSchema,
  mode: AnalysisModeSchema,
  trigger: z.literal('api'),
  state: AnalysisStateSchema,
  outcome: z.literal('presentations').nullable(),
  noChangeReason: z.null(),
  contentIds: z.array(IdSchema),
  context: z.literal('submitted'),
  scope: z.null(),
  intent: z.string().nullable(),
  title: z.string().nullable(),
  target: AnalysisTargetSchema.nullable(),
  presentationIds: z.array(IdSchema),
  failure: FailureSchema.nullable(),
  createdAt: TimestampSchema,
  updatedAt: TimestampSchema,
});

export type PublicAnalysis = z.infer<typeof PublicAnalysisSchema>;

export const AnalysisPageSchema = pageOf(PublicAnalysisSchema);

/** Which analyses a list holds; what no analysis of this cloud has gives an empty page. */
export const AnalysesQuerySchema = PageQuerySchema.extend({
  contentId: GivenIdSchema.optional(),
  state: AnalysisStateSchema.optional(),
  trigger: z.enum(['api', 'scheduled', 'chat']).optional(),
  mode: z.enum(['ai', 'direct', 'chat']).optional(),
});

/** One step of an analysis or of what became of it; `seq` rises, with gaps. */
export const AnalysisEventSchema = z.object({
  seq: z.number().int().nonnegative(),
  at: TimestampSchema,
  attempt: z.number().int().nonnegative(),
  source: z.enum(['agent', 'backend']),
  type: z.string().min(1),
  level: z.enum(['info', 'warn', 'error']),
  summary: z.string(),
  data: z.record(z.string(), z.unknown()).nullable(),
});

export type AnalysisEvent = z.infer<typeof AnalysisEventSchema>;

/** Events from the oldest on; `nextAfter` goes into the next `after`. */
export const AnalysisEventPageSchema = z.object({
  items: z.array(AnalysisEventSchema),
  nextAfter: z.number().int().nonnegative().nullable(),
  hasMore: z.boolean(),
  state: AnalysisStateSchema,
});

const CountSchema = z
  .string()
  .regex(/^\d{1,15}$/, 'not a whole number')
  .transform(Number);

/** `after` is the `seq` of the last event seen. */
export const AnalysisEventsQuerySchema = z.object({
  after: CountSchema.optional(),
  limit: CountSchema.pipe(z.number().min(1).max(200)).optional(),
  detail: z.never({ error: 'is not served' }).optional(),
});

export const AnalysisStreamQuerySchema = AnalysisEventsQuerySchema.pick({ after: true });
