import { eq } from 'drizzle-orm';
import type { CloudContext } from '../context.js';
import { asSystem } from '../database/database.js';
import { CloudError } from '../errors.js';
import { hardware } from './tables.js';

export type Hardware = Pick<typeof hardware.$inferSelect, 'hwId' | 'tagUid' | 'keyId' | 'model' | 'batch' | 'state'>;

/**
 * Notes what the factory made. The same again changes nothing; other facts are taken while it is only MADE.
 * @throws CloudError `invalid_state`
 */
export async function registerHardware(
  { db, clock }: Pick<CloudContext, 'db' | 'clock'>,
  made: Omit<Hardware, 'state'>,
): Promise<Hardware> {
  return asSystem(db, async (tx) => {
    const now = new Date(clock.now());
    await tx
      .insert(hardware)
      .values({ ...made, state: 'MADE', createdAt: now, updatedAt: now })
      .onConflictDoUpdate({
        target: hardware.hwId,
        set: { ...made, updatedAt: now },
        setWhere: eq(hardware.state, 'MADE'),
      });
    const [row] = await tx.select().from(hardware).where(eq(hardware.hwId, made.hwId));
    const { tagUid, keyId, model, batch } = made;
    if (row?.tagUid !== tagUid || row.keyId !== keyId || row.model !== model || row.batch !== batch) {
      throw new CloudError('invalid_state', 'The hardware is in use, and its facts are not these.');
    }
    return { ...made, state: row.state };
  });
}
