import type { CloudContext } from '../context.js';
import { afterCommit, type Tx } from '../database/database.js';
import { iotTask } from './tables.js';

export type RetireContext = Pick<CloudContext, 'clock' | 'newId' | 'wakeIotTasks'>;

/** By then AWS IoT has activated, or given up, whatever it was about to activate. */
const SETTLED_AFTER_MS = 60_000;

/**
 * Notes, in the transaction that revokes them, that AWS IoT is to deactivate these certificates and detach them from
 * their things. `isUnderWay`: it may still be about to activate them, and is told again once that is settled.
 */
export async function retireAtIot(
  tx: Tx,
  { clock, newId, wakeIotTasks }: RetireContext,
  certificates: readonly { certificateId: string; thingName: string }[],
  { isUnderWay }: { isUnderWay: boolean },
): Promise<void> {
  const now = clock.now();
  const dues = isUnderWay ? [now, now + SETTLED_AFTER_MS] : [now];
  const rows = certificates.flatMap((one) =>
    dues.map((dueMs) => ({ id: newId(), ...one, dueAt: new Date(dueMs), createdAt: new Date(now) })),
  );
  if (rows.length === 0) return;
  await tx.insert(iotTask).values(rows);
  afterCommit(tx, wakeIotTasks);
}
