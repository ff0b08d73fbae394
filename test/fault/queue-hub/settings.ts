import { z } from 'zod';

/** What a hub on trial is started with: the path of a file with this is its environment's QUEUE_HUB_SETTINGS. */
export const QueueHubSettingsSchema = z.object({
  dataDir: z.string(),
  historyFile: z.string(),
  /** The name of its card in the history. */
  card: z.string(),
  seed: z.number().int(),
  displayId: z.string(),
  cloudUrl: z.string(),
  iot: z.object({ port: z.number(), caPem: z.string() }),
  identity: z.object({
    hwId: z.string(),
    model: z.number(),
    thingName: z.string(),
    certificateId: z.string(),
    certPem: z.string(),
    keyPem: z.string(),
  }),
  /** Of a new group of events, on average. */
  everyMs: z.number(),
  /** How much lanes 1 to 3 hold each; null: what they hold in a household. */
  laneBytes: z.number().nullable(),
  /** How far its wall clock is ahead when it starts. */
  wallAheadMs: z.number(),
});

export type QueueHubSettings = z.infer<typeof QueueHubSettingsSchema>;

/** What it is told on its standard input, one line each. */
export const OrderSchema = z.discriminatedUnion('do', [
  z.object({ do: z.literal('quiet') }).describe('makes nothing new, and says when everything is delivered'),
  z.object({ do: z.literal('jump'), ms: z.number() }).describe('sets its wall clock forward or back'),
]);

export type Order = z.infer<typeof OrderSchema>;

/** What it says on its standard output, one line each. */
export const WordSchema = z.object({ say: z.enum(['ready', 'drained', 'damaged']) });

export type Word = z.infer<typeof WordSchema>;
