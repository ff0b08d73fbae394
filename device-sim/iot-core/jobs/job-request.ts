import { z } from 'zod';
import { isJsonObject, type JsonObject, readJson } from '../json.js';
import { JobStatusSchema } from './job-execution.js';

const MAX_CLIENT_TOKEN_BYTES = 64;

/** The words with which AWS IoT Jobs refuses. Source: AWS IoT developer guide, "Jobs MQTT API". */
export type JobRejectionCode =
  | 'InvalidTopic'
  | 'InvalidJson'
  | 'InvalidRequest'
  | 'InvalidStateTransition'
  | 'ResourceNotFound'
  | 'VersionMismatch'
  | 'TerminalStateReached'
  | 'RequestThrottled'
  | 'InternalError';

export interface JobRejection {
  readonly ok: false;
  readonly code: JobRejectionCode;
  readonly message: string;
  readonly executionState?: object;
}

const StatusDetailsSchema = z
  .record(z.string().regex(/^[a-zA-Z0-9:_-]{1,128}$/), z.string().min(1).max(1_024))
  .refine((details) => Object.keys(details).length <= 10, 'more than 10 details');

/** -1 calls the timer off. */
const StepTimeoutSchema = z.union([z.literal(-1), z.number().int().min(1).max(10_080)]);

export const PendingRequestSchema = z.object({});

export const StartNextRequestSchema = z.object({
  statusDetails: StatusDetailsSchema.optional(),
  stepTimeoutInMinutes: StepTimeoutSchema.optional(),
});

export const DescribeRequestSchema = z.object({
  executionNumber: z.number().int().optional(),
  includeJobDocument: z.boolean().default(true),
});

export const UpdateRequestSchema = z.object({
  status: JobStatusSchema,
  statusDetails: StatusDetailsSchema.optional(),
  expectedVersion: z.union([z.number().int(), z.string().regex(/^\d+$/).transform(Number)]).optional(),
  executionNumber: z.number().int().optional(),
  includeJobExecutionState: z.boolean().default(false),
  includeJobDocument: z.boolean().default(false),
  stepTimeoutInMinutes: StepTimeoutSchema.optional(),
});

export type StartNextRequest = z.output<typeof StartNextRequestSchema>;
export type DescribeRequest = z.output<typeof DescribeRequestSchema>;
export type UpdateRequest = z.output<typeof UpdateRequestSchema>;

type Body = { readonly ok: true; readonly fields: JsonObject; readonly clientToken: string | undefined };

/** Reads what all requests have in common; an empty payload asks for nothing in particular. */
export function readJobBody(payload: Buffer): Body | JobRejection {
  const read = payload.length === 0 ? { value: {} } : readJson(payload);
  if (typeof read === 'string' || !isJsonObject(read.value)) {
    return rejectJob(
      'InvalidJson',
      'The contents of the request could not be interpreted as valid UTF-8-encoded JSON.',
    );
  }
  const { clientToken } = read.value;
  if (clientToken === undefined) return { ok: true, fields: read.value, clientToken: undefined };
  if (typeof clientToken === 'string' && Buffer.byteLength(clientToken) <= MAX_CLIENT_TOKEN_BYTES) {
    return { ok: true, fields: read.value, clientToken };
  }
  return rejectJob('InvalidRequest', `clientToken is no text of at most ${MAX_CLIENT_TOKEN_BYTES} bytes`);
}

export function rejectJob(code: JobRejectionCode, message: string, executionState?: object): JobRejection {
  return { ok: false, code, message, ...(executionState === undefined ? {} : { executionState }) };
}
