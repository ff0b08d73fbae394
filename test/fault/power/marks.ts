import { z } from 'zod';

/** What the process under test says that it has been promised; each line is in the recording, in its place. */
export const MarkSchema = z.discriminatedUnion('step', [
  z.object({ step: z.literal('open'), epoch: z.string() }),
  z.object({ step: z.literal('ok'), lane: z.number(), seq: z.number(), id: z.string(), body: z.string() }),
  z.object({ step: z.literal('acking'), lane: z.number(), seq: z.number() }),
  z.object({ step: z.literal('acked'), lane: z.number(), seq: z.number() }),
  z.object({ step: z.literal('setting'), key: z.string(), value: z.number() }),
  z.object({ step: z.literal('set'), key: z.string(), value: z.number() }),
  z.object({ step: z.literal('refused'), code: z.string() }),
]);

export type Mark = z.infer<typeof MarkSchema>;

export const MARKS_FILE = 'marks';
