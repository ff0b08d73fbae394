import { z } from 'zod';
import { LogSliceSchema, parseMessage, SYNC_VERSIONS, SYNC_WINDOW, SyncRequestSchema } from '../../contract/index.js';
import { CloudError } from '../errors.js';

/** A sync request whose events are not looked into yet: one that cannot be read must not hold up the rest. */
const SyncInputSchema = SyncRequestSchema.extend({
  logs: z
    .array(LogSliceSchema.extend({ events: z.array(z.unknown()).min(1).max(SYNC_WINDOW.events) }))
    .max(SYNC_WINDOW.events),
});

export type SyncInput = z.infer<typeof SyncInputSchema>;

/** @throws CloudError `E_VERSION`, `invalid_request` */
export function parseSyncInput(body: { v: number; [key: string]: unknown }): SyncInput {
  if (!SYNC_VERSIONS.some((version) => version === body.v)) {
    const details = { supported: [...SYNC_VERSIONS] };
    throw new CloudError('E_VERSION', `Version ${body.v} of the sync protocol is not spoken here.`, details);
  }
  const parsed = parseMessage(SyncInputSchema, body);
  if (parsed.ok) return parsed.value;
  const [first] = parsed.refusals;
  throw new CloudError('invalid_request', `${first?.path}: ${first?.reason}`, { fields: parsed.refusals });
}
