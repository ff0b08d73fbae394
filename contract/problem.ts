import { z } from 'zod';

/** Every failure over HTTP, ours and the public API's, in the cloud and on the hub. */
export const ProblemSchema = z.object({
  error: z.object({
    code: z.string().min(1),
    message: z.string(),
    requestId: z.string(),
    details: z.record(z.string(), z.unknown()),
  }),
});

export type Problem = z.infer<typeof ProblemSchema>;
