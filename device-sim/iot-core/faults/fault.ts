import { z } from 'zod';
import { OPERATIONS } from '../operation.js';
import { parseFilter } from '../topics.js';

/** A hook that is this late has missed its five seconds. */
const SLOW_HOOK_MS = 6_000;
const LATE_ANSWER_MS = 30_000;

/** Which occasions a fault is for: those that fit all that is given, after `skip` of them, `times` of them. */
const AIM = {
  operation: z.enum(OPERATIONS).optional(),
  /** A topic filter for the topic of the request. */
  topic: z
    .string()
    .refine((filter) => parseFilter(filter) !== undefined, 'is no topic filter')
    .optional(),
  clientId: z.string().optional(),
  /** The one that the client connects by: a claim client has another name each time. */
  certificateId: z.string().optional(),
  skip: z.number().int().min(0).default(0),
  times: z.number().int().min(1).default(1),
};

const DelaySchema = z
  .number()
  .int()
  .min(1)
  .max(24 * 3_600_000);

/** One thing that goes wrong on purpose. */
export const FaultSchema = z.discriminatedUnion('kind', [
  /** The service did what it was asked, and nobody hears of it. */
  z.strictObject({ kind: z.literal('answer-lost'), ...AIM }),
  z.strictObject({ kind: z.literal('answer-late'), delayMs: DelaySchema.default(LATE_ANSWER_MS), ...AIM }),
  z.strictObject({ kind: z.literal('answer-twice'), ...AIM }),
  /** The answer waits for the next one on its connection and goes after it. */
  z.strictObject({ kind: z.literal('answer-out-of-order'), ...AIM }),
  /** A QoS 1 message is taken and never acknowledged. */
  z.strictObject({ kind: z.literal('puback-lost'), ...AIM }),
  /** From this CONNECT or PUBLISH on nothing gets through in either direction, and nobody says so. */
  z.strictObject({ kind: z.literal('half-open'), ...AIM }),
  /** The certificate of whoever sends this CONNECT or PUBLISH is revoked before it is heard. */
  z.strictObject({ kind: z.literal('certificate-revoked'), ...AIM }),
  /** The ownership token of this RegisterThing is over, whatever its age. */
  z.strictObject({ kind: z.literal('token-expired'), ...AIM }),
  /** The hook decides and its decision comes this much later. */
  z.strictObject({ kind: z.literal('hook-slow'), delayMs: DelaySchema.default(SLOW_HOOK_MS), ...AIM }),
  /** The hook fails before it has decided. */
  z.strictObject({ kind: z.literal('hook-failing'), ...AIM }),
  z.strictObject({ kind: z.literal('hook-refusing'), reason: z.string().default('Access Denied'), ...AIM }),
  /** A CONNECT or a request to a service is one too many. */
  z.strictObject({ kind: z.literal('throttled'), ...AIM }),
]);

export const FaultScriptSchema = z.array(FaultSchema).max(1_000);

export type Fault = z.output<typeof FaultSchema>;
export type FaultInput = z.input<typeof FaultSchema>;
export type FaultKind = Fault['kind'];
