import { z } from 'zod';

// Source: AWS IoT developer guide, "Jobs device MQTT and HTTPS APIs". What is not used here is not asked for.

const StatusSchema = z.string().min(1);

/** A job of this thing; the document is an object, although the guide calls it a string. */
export const ExecutionSchema = z.object({
  jobId: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
  executionNumber: z.number().int().default(1),
  versionNumber: z.number().int(),
  status: StatusSchema,
  jobDocument: z.unknown(),
});

export const StartedSchema = z.object({ execution: ExecutionSchema.optional() });

const ExecutionStateSchema = z.object({ status: StatusSchema, versionNumber: z.number().int() });

export const UpdatedSchema = z.object({ executionState: ExecutionStateSchema.optional() });

export const RejectedSchema = z.object({
  code: z.string().min(1),
  message: z.string().default(''),
  executionState: ExecutionStateSchema.optional(),
});

/** What an answer has in common with its request. */
export const AnswerSchema = z.object({ clientToken: z.string() });

/** What a job may ask of a hub. */
export const JobDocumentSchema = z.object({ op: z.string().min(1).max(64) });

export type JobExecution = z.infer<typeof ExecutionSchema>;
export type JobRejected = z.infer<typeof RejectedSchema>;

/** The topics of one thing's jobs; `updates` is where answers about any job come, without their last level. */
export function jobTopics(thingName: string): {
  notifyNext: string;
  startNext: string;
  update(jobId: string): string;
  updates: string;
} {
  const jobs = `$aws/things/${thingName}/jobs`;
  return {
    notifyNext: `${jobs}/notify-next`,
    startNext: `${jobs}/start-next`,
    update: (jobId) => `${jobs}/${jobId}/update`,
    // One filter for all jobs: AWS takes 50 on a connection.
    updates: `${jobs}/+/update`,
  };
}
