import { z } from 'zod';
import { CertificateIdSchema, RotationReasonSchema, RotationStepSchema } from '../../contract/index.js';

/** The key files of a hub: that of its first life, and one per key after it. */
export const KeyFileSchema = z.string().regex(/^device-key(-[0-9a-f]{16})?\.pem$/, 'is not the name of a key file');

const OrderSchema = z.object({
  reason: RotationReasonSchema,
  /** What asked for it, so that the same order after a restart is known again. */
  orderId: z.string().min(1).max(128).optional(),
});

/** Why a hub is to change its key, and on whose word. */
export type RotationOrder = z.infer<typeof OrderSchema>;

const NextKeyMadeSchema = OrderSchema.extend({
  stage: z.literal('NEXT_KEY_MADE'),
  /** Where the next key lies. */
  keyFile: KeyFileSchema,
});

const NextCertIssuedSchema = NextKeyMadeSchema.extend({
  stage: z.literal('NEXT_CERT_ISSUED'),
  certificateId: CertificateIdSchema,
  token: z.string().min(1).max(4096),
  tokenUntilMs: z.number(),
});

const NextRegisteredSchema = NextKeyMadeSchema.extend({
  stage: z.enum(['NEXT_REGISTERED', 'NEXT_VERIFIED']),
  certificateId: CertificateIdSchema,
});

/** How far a hub has come with its next key and certificate. */
export const RotationSchema = z.discriminatedUnion('stage', [
  NextKeyMadeSchema,
  NextCertIssuedSchema,
  NextRegisteredSchema,
]);

export type Rotation = z.infer<typeof RotationSchema>;
export type NextKeyMade = z.infer<typeof NextKeyMadeSchema>;
export type NextCertIssued = z.infer<typeof NextCertIssuedSchema>;
export type NextRegistered = z.infer<typeof NextRegisteredSchema>;

/** How a rotation ended; `isTold`: the cloud's events have it. */
const EndSchema = OrderSchema.extend({ atMs: z.number(), isTold: z.boolean() });

export const RotatedSchema = EndSchema.extend({
  certificateId: CertificateIdSchema,
  replacedCertificateId: CertificateIdSchema,
});

export const RotationFailureSchema = EndSchema.extend({
  step: RotationStepSchema,
  code: z.string().min(1).max(128),
  message: z.string().max(1024),
  /** The one that was given up, if one had been issued. */
  certificateId: CertificateIdSchema.optional(),
});

export type Rotated = z.infer<typeof RotatedSchema>;
export type RotationFailure = z.infer<typeof RotationFailureSchema>;

/** How a rotation ended. */
export type RotationOutcome = { ok: true; rotated: Rotated } | { ok: false; failure: RotationFailure };
