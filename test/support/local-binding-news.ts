import { createHash, randomBytes } from 'node:crypto';
import { v7 } from 'uuid';
import type { HubEvent, SyncRequest } from '../../contract/index.js';
import type { TestCloud } from './cloud.js';
import type { TestHub } from './cloud-devices.js';

type LocalBody = Extract<HubEvent, { type: 'binding.local' }>['body'];

/** A hub that is back tells by its sync that it was bound at home; gives the status and body of the reply. */
export async function tellLocalBinding(
  cloud: TestCloud,
  hub: TestHub,
  receipt: string,
  more: Partial<LocalBody> = {},
): Promise<{ status: number; body: unknown }> {
  const at = new Date(cloud.clock.nowMs).toISOString();
  const receiptSha256 = createHash('sha256').update(receipt).digest('hex');
  const body: LocalBody = { bindingId: v7(), householdName: 'The Larks at home', at, receiptSha256, ...more };
  const [id, boot] = [v7(), v7()];
  const event = { id, type: 'binding.local', tv: 1, boot, mono: 0, wall: at, wq: 0, body } as const;
  const request: SyncRequest = {
    ...{ v: 1, epoch: randomBytes(16).toString('hex'), boot, monoNow: 1, wallNow: at, wq: 0, after: {}, regs: [] },
    ...{ gaps: [], downGen: null, downAcked: 0, freeBytes: null, want: { down: 0 } },
    logs: [{ lane: 0, first: 1, lastId: id, events: [event] }],
  };
  return cloud.call('POST', '/v1/sync', { token: await hub.token(), body: { ...request } });
}
