import { z } from 'zod';

/** What AWS IoT hands to the hook. Source: AWS IoT developer guide, pre-provisioning hooks, payload 2020-04-01. */
export const HookInputSchema = z.object({
  claimCertificateId: z.string().min(1).max(128),
  certificateId: z.string().regex(/^[0-9a-f]{64}$/),
  certificatePem: z.string().max(16_384),
  templateArn: z.string().max(2048).optional(),
  clientId: z.string().max(128),
  parameters: z.record(z.string(), z.string().max(2048)),
});

export type HookInput = z.infer<typeof HookInputSchema>;

/** The reason of a refusal that tells of a cloned card: one key in two devices. */
export const DUPLICATE_KEY = 'duplicate-key';

/** What the hook has come to; `hwId` is null while nothing proves it. */
export type Verdict =
  | { ok: true; hwId: string; ticketId?: string }
  | { ok: false; reason: string; hwId: string | null; twinThingName?: string };
