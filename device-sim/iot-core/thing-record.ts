import { z } from 'zod';

/** A thing as the registry keeps it. */
export const ThingSchema = z.object({
  thingName: z.string(),
  attributes: z.record(z.string(), z.string()),
  thingTypeName: z.string().optional(),
  thingGroups: z.array(z.string()).optional(),
  billingGroup: z.string().optional(),
  createdMs: z.number(),
});

export type ThingRecord = z.infer<typeof ThingSchema>;
