import { z } from 'zod';
import { ProvisioningError } from '../errors.js';
import { HwIdSchema } from '../hw-id/payload.js';

/** What a technician may do by a work order. */
export const WORK_ORDER_ACTIONS = ['make-tag', 'provision', 'reprovision', 'diagnose'] as const;

export type WorkOrderAction = (typeof WORK_ORDER_ACTIONS)[number];

/** The longest life of a work order, in milliseconds: a day. */
export const WORK_ORDER_MAX_LIFE_MS = 24 * 60 * 60 * 1000;

/** So many hardware ids fit on a work order, which travels in an HTTP header. */
export const WORK_ORDER_MAX_HW_IDS = 500;

const BatchSchema = z.number().int().min(0).max(0xffff);

const BatchRangeSchema = z
  .object({ from: BatchSchema, to: BatchSchema })
  .refine(({ from, to }) => from <= to, 'from is above to');

/** The signed, dated list of what a technician may touch. Both ends belong to a range of batches. */
export const WorkOrderSchema = z
  .object({
    v: z.literal(1),
    id: z.uuid(),
    keyId: z.number().int().min(0).max(0xff),
    technician: z.string().trim().min(1).max(100),
    issuedAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    hwIds: z.array(HwIdSchema).max(WORK_ORDER_MAX_HW_IDS),
    batches: z.array(BatchRangeSchema).max(20),
    may: z.array(z.enum(WORK_ORDER_ACTIONS)).min(1),
  })
  .refine(({ hwIds, batches }) => hwIds.length + batches.length > 0, 'lists neither hardware nor batches')
  .refine(({ issuedAt, expiresAt }) => {
    const lifeMs = Date.parse(expiresAt) - Date.parse(issuedAt);
    return 0 < lifeMs && lifeMs <= WORK_ORDER_MAX_LIFE_MS;
  }, 'does not end within a day of its issue');

export type WorkOrder = z.infer<typeof WorkOrderSchema>;

/** The order as it travels: ten bytes for a hardware id, in place of twenty digits and their quotes. */
const PackedSchema = z.record(z.string(), z.unknown()).and(z.object({ hwIds: z.base64url() }));
const HW_ID_BYTES = 10;

/**
 * The bytes that are signed.
 * @throws ProvisioningError `work-order.invalid`
 */
export function encodeWorkOrder(order: WorkOrder): Uint8Array {
  const parsed = WorkOrderSchema.safeParse(order);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim());
    throw new ProvisioningError('work-order.invalid', problems.join('; '), { cause: parsed.error });
  }
  const { hwIds, ...rest } = parsed.data;
  return Buffer.from(JSON.stringify({ ...rest, hwIds: Buffer.from(hwIds.join(''), 'hex').toString('base64url') }));
}

/** Reads the bytes of {@link encodeWorkOrder}; undefined for anything else. */
export function decodeWorkOrder(bytes: Uint8Array): WorkOrder | undefined {
  const packed = PackedSchema.safeParse(parsedJson(bytes));
  if (!packed.success) return undefined;
  const ids = Buffer.from(packed.data.hwIds, 'base64url');
  if (ids.length % HW_ID_BYTES !== 0) return undefined;
  const hwIds = Array.from({ length: ids.length / HW_ID_BYTES }, (_, at) =>
    ids.toString('hex', at * HW_ID_BYTES, (at + 1) * HW_ID_BYTES),
  );
  const order = WorkOrderSchema.safeParse({ ...packed.data, hwIds });
  return order.success ? order.data : undefined;
}

function parsedJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
