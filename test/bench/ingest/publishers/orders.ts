import { z } from 'zod';

/** What the publishers are told at first: where, and for which things. */
export const PublisherSetupSchema = z.object({
  door: z.object({ port: z.number(), caPem: z.string(), certPem: z.string(), keyPem: z.string() }),
  clients: z.number(),
  things: z.array(z.string()),
});

/** From then on: how many more messages may leave. */
export const CreditSchema = z.object({ credit: z.number() });

export type PublisherSetup = z.infer<typeof PublisherSetupSchema>;
