import { z } from 'zod';

/** What the hubs are told at first: where the broker is, who they are, and the incarnation of the cloud's store. */
export const HubsSetupSchema = z.object({
  door: z.object({ port: z.number(), caPem: z.string(), certPem: z.string(), keyPem: z.string() }),
  things: z.array(z.string()),
  gen: z.string(),
  dir: z.string(),
});

/** What they tell: a command was committed to an inbox and acknowledged, at a moment on the machine's clock. */
export const AcknowledgedSchema = z.object({ cmdId: z.string(), atMs: z.number() });

export type HubsSetup = z.infer<typeof HubsSetupSchema>;
