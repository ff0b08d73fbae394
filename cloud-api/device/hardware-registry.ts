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

/**
 * Notes which tag that proves itself a hub carries. Another tag begins to count anew.
 * @throws CloudError `hub_not_found`, `invalid_state` for a tag that another hub carries
 */
export async function setSunTag(
  { db }: Pick<CloudContext, 'db'>,
  hwId: string,
  sunTagUid: string | null,
): Promise<string | null> {
  return asSystem(db, async (tx) => {
    const [row] = await tx.select().from(hardware).where(eq(hardware.hwId, hwId)).for('update');
    if (row === undefined) throw new CloudError('hub_not_found', 'The factory has made no such hardware.');
    const others = sunTagUid === null ? [] : await tx.select().from(hardware).where(eq(hardware.sunTagUid, sunTagUid));
    if (others.some((other) => other.hwId !== hwId)) {
      throw new CloudError('invalid_state', 'The tag is on another piece of hardware.');
    }
    if (row.sunTagUid !== sunTagUid) {
      await tx.update(hardware).set({ sunTagUid, sunCounter: null }).where(eq(hardware.hwId, hwId));
    }
    return sunTagUid;
  });
}
