import { z } from 'zod';
import { CertificateIdSchema, ThingNameSchema } from '../../contract/index.js';
import { HwIdSchema } from '../hw-id/index.js';
import { KeyFileSchema, RotatedSchema, RotationFailureSchema, RotationSchema } from '../rotation/rotation-state.js';

/** What the template tells a new device; flat by the rules of AWS. */
export const DeviceConfigurationSchema = z.record(z.string().max(128), z.string().max(1024));

export type DeviceConfiguration = z.infer<typeof DeviceConfigurationSchema>;

const UnprovisionedSchema = z.object({ phase: z.literal('UNPROVISIONED') });

/** The nonce stays the same until the hub is ACTIVE, so that the cloud knows a repeated claim from a second one. */
const KeyMadeSchema = z.object({
  phase: z.literal('KEY_MADE'),
  hwId: HwIdSchema,
  model: z.number().int().min(0).max(0xff),
  claimNonce: z.string().min(16).max(64),
});

const CertIssuedSchema = KeyMadeSchema.extend({
  phase: z.literal('CERT_ISSUED'),
  certificateId: CertificateIdSchema,
  token: z.string().min(1).max(4096),
  tokenUntilMs: z.number(),
});

const RegisteredSchema = KeyMadeSchema.extend({
  phase: z.enum(['REGISTERED', 'VERIFIED', 'ACTIVE']),
  certificateId: CertificateIdSchema,
  thingName: ThingNameSchema,
  deviceConfiguration: DeviceConfigurationSchema,
  /** Absent while the hub has the key of its first life. */
  keyFile: KeyFileSchema.optional(),
  /** Only of an ACTIVE hub: the pair that is to follow the one above. */
  rotation: RotationSchema.optional(),
  lastRotation: RotatedSchema.optional(),
  lastRotationFailure: RotationFailureSchema.optional(),
});

/** How far a hub has come; what the file `state.json` of its key store holds. */
export const ProvisioningStateSchema = z.discriminatedUnion('phase', [
  UnprovisionedSchema,
  KeyMadeSchema,
  CertIssuedSchema,
  RegisteredSchema,
]);

export type ProvisioningState = z.infer<typeof ProvisioningStateSchema>;
export type KeyMade = z.infer<typeof KeyMadeSchema>;
export type CertIssued = z.infer<typeof CertIssuedSchema>;
export type Registered = z.infer<typeof RegisteredSchema>;
