import { z } from 'zod';
import type { HwIdRefusal } from '../../provisioning/hw-id/index.js';

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

/** Why the hook refuses, besides what is wrong with the tag's proof; the README says what each means. */
export const HOOK_REFUSALS = [
  'hw-id-mismatch',
  'unknown-hardware',
  'tag-mismatch',
  'batch-mismatch',
  'blocked',
  'retired',
  'not-a-claim-certificate',
  'claim-certificate-mismatch',
  'rate-limited',
  'key-type',
  'duplicate-key',
  'certificate-revoked',
  'already-provisioned',
  'ticket-expired',
  'certificate-not-live',
  'client-id-mismatch',
  'key-reused',
] as const;

export type HookRefusal = HwIdRefusal | (typeof HOOK_REFUSALS)[number];

/** What the hook has come to; `hwId` is null while nothing proves it. */
export type Verdict =
  | { ok: true; hwId: string; ticketId?: string }
  | { ok: false; reason: HookRefusal; hwId: string | null; twinThingName?: string };
