import { z } from 'zod';
import { CertificateIdSchema } from './certificates.js';
import { ThingNameSchema, TimestampSchema } from './fields.js';

/**
 * How a technician's tool proves itself: `Bearer` and the operator's token, or this word and a work order.
 * A work order answers for what it lists alone.
 */
export const WORK_ORDER_SCHEME = 'WorkOrder';

/** So much hardware is registered by one request at most. */
export const REGISTER_MAX_ITEMS = 100;

const hwId = z.string().regex(/^[0-9a-f]{20}$/, 'not 20 lower-case hex digits');

const HardwareStateSchema = z.enum(['MADE', 'PROVISIONED', 'RETIRED', 'BLOCKED']);

/** A piece of hardware as the factory made it. */
const HardwareFactsSchema = z.object({
  hwId,
  tagUid: z.string().regex(/^[0-9a-f]{14}$/, 'not 14 lower-case hex digits'),
  keyId: z.number().int().min(0).max(0xff),
  model: z.number().int().min(0).max(0xff),
  batch: z.number().int().min(0).max(0xffff),
});

/** `POST /v1/operator/hardware`. The same again changes nothing, and each item is answered for itself. */
export const RegisterHardwareSchema = z.object({
  items: z.array(HardwareFactsSchema).min(1).max(REGISTER_MAX_ITEMS),
});

/** The answer, in the order of the items. */
export const RegisteredHardwareSchema = z.object({
  items: z.array(
    z.discriminatedUnion('ok', [
      z.object({ hwId, ok: z.literal(true), state: HardwareStateSchema }),
      z.object({ hwId, ok: z.literal(false), code: z.string().min(1), message: z.string() }),
    ]),
  ),
});

/** `GET /v1/technician/hardware/{hwId}`, and the same under `/v1/operator`: how far a hub has come. */
export const HardwareReportSchema = z.object({
  hwId,
  state: HardwareStateSchema,
  thingName: ThingNameSchema.nullable().describe('null until it has asked for a certificate'),
  lastSeenAt: TimestampSchema.nullable(),
  certificates: z.array(
    z.object({
      id: CertificateIdSchema,
      status: z.string().min(1),
      createdAt: TimestampSchema,
      firstUsedAt: TimestampSchema.nullable(),
    }),
  ),
  decisions: z
    .array(z.object({ at: TimestampSchema, allowed: z.boolean(), reason: z.string().nullable() }))
    .describe('of the pre-provisioning hook, the newest first'),
});

export type HardwareReport = z.infer<typeof HardwareReportSchema>;

/** `POST /v1/technician/tickets`: let this hardware be provisioned once more. */
export const NewTicketSchema = z.object({ hwId });

/** The ticket has no number: the hub's tag is what it is shown by. */
export const TicketSchema = z.object({ hwId, expiresAt: TimestampSchema });
