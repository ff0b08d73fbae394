import { z } from 'zod';
import { isJsonObject, type JsonObject } from '../json.js';

export const DEVICE_STATUSES = ['IN_PROGRESS', 'SUCCEEDED', 'FAILED', 'REJECTED'] as const;
const STATUSES = ['QUEUED', ...DEVICE_STATUSES, 'TIMED_OUT', 'REMOVED', 'CANCELED'] as const;

export const JobStatusSchema = z.enum(STATUSES);

export const ExecutionSchema = z.object({
  jobId: z.string(),
  thingName: z.string(),
  status: JobStatusSchema,
  statusDetails: z.record(z.string(), z.string()).optional(),
  /** Times in seconds since 1970, as devices are told them. */
  queuedAt: z.number(),
  startedAt: z.number().optional(),
  lastUpdatedAt: z.number(),
  versionNumber: z.number(),
  executionNumber: z.number(),
  /** When the step that runs is over. */
  timesOutMs: z.number().optional(),
});

export const JobSchema = z.object({
  jobId: z.string(),
  document: z.custom<JsonObject>(isJsonObject),
  isCanceled: z.boolean(),
});

export type Execution = z.infer<typeof ExecutionSchema>;
export type Job = z.infer<typeof JobSchema>;

export function isPending({ status }: Execution): boolean {
  return status === 'QUEUED' || status === 'IN_PROGRESS';
}

/** A line in a list of executions. */
export function summaryOf(execution: Execution): object {
  const { jobId, queuedAt, startedAt, lastUpdatedAt, versionNumber, executionNumber } = execution;
  return { jobId, queuedAt, startedAt, lastUpdatedAt, versionNumber, executionNumber };
}

/** All of an execution; its job's document is an object, although AWS's guide calls it a string. */
export function describe(execution: Execution, document: JsonObject | undefined): object {
  const { thingName, status, statusDetails } = execution;
  return { ...summaryOf(execution), thingName, status, statusDetails, jobDocument: document };
}

/** What a device is told with an update, or with its refusal. */
export function stateOf({ status, statusDetails, versionNumber }: Execution): object {
  return { status, statusDetails, versionNumber };
}
