import { z } from 'zod';

/** What the process that fills a store has measured. */
export const FilledSchema = z.object({
  rows: z.number(),
  /** The rate of the full store by that of an empty one, turn by turn. */
  ratios: z.array(z.number()),
  worstCommitMs: z.number(),
  fsyncsMs: z.array(z.number()),
  diskBytes: z.number(),
  payloadBytes: z.number(),
  rssKib: z.number(),
  peakKib: z.number(),
});

export type Filled = z.infer<typeof FilledSchema>;

export const OpenedSchema = z.object({ openMs: z.number(), rows: z.number() });

export type Opened = z.infer<typeof OpenedSchema>;
