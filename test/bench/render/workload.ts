import { z } from 'zod';

/** A photo on its way to a frame, as the process that measures it is told. */
export const WorkloadSchema = z.object({
  photo: z.string(),
  width: z.int(),
  height: z.int(),
  inks: z.array(z.string()),
  mode: z.enum(['stable', 'normal']),
  warmUps: z.int(),
  rounds: z.int(),
  /** Whether to measure the yardstick in the same rounds; it has memory of its own. */
  besides: z.boolean(),
});

export type Workload = z.infer<typeof WorkloadSchema>;

/** What it answers: milliseconds of each round, and the most memory that was resident. */
export const MeasuredSchema = z.object({
  ours: z.array(z.number()),
  yardstick: z.array(z.number()),
  peakKib: z.number(),
});

export type Measured = z.infer<typeof MeasuredSchema>;
