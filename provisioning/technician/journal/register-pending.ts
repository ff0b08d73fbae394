import { REGISTER_MAX_ITEMS } from '../../../contract/index.js';
import type { CloudClient } from '../cloud/cloud-client.js';
import type { HardwareRecord } from './entry.js';
import type { Journal } from './journal.js';

/** What the cloud has not taken yet. */
export function pendingIn(
  journal: Pick<Journal, 'records'>,
  { refusedToo }: { refusedToo: boolean },
): HardwareRecord[] {
  return journal.records.filter(({ tagged, registration: { state } }) => {
    return tagged !== undefined && (state === 'queued' || (refusedToo && state === 'refused'));
  });
}

/**
 * Tells the cloud of hardware and notes in the journal what became of each; `told` is called with its new record.
 * @throws ProvisioningError `cloud.*`: what it has answered before is noted
 */
export async function registerPending(
  pending: readonly HardwareRecord[],
  {
    cloud,
    journal,
    told,
    signal,
  }: {
    cloud: Pick<CloudClient, 'register'>;
    journal: Pick<Journal, 'append'>;
    told: (record: HardwareRecord) => void;
    signal: AbortSignal;
  },
): Promise<void> {
  for (let at = 0; at < pending.length; at += REGISTER_MAX_ITEMS) {
    const part = pending.slice(at, at + REGISTER_MAX_ITEMS);
    const items = part.map(({ hwId, tagUid, keyId, model, batch }) => ({ hwId, tagUid, keyId, model, batch }));
    for (const answer of await cloud.register(items, signal)) {
      const { hwId } = answer;
      const record = await journal.append(
        answer.ok
          ? { event: 'registered', hwId, state: answer.state }
          : { event: 'refused', hwId, code: answer.code, message: answer.message },
      );
      if (record !== undefined) told(record);
    }
  }
}
