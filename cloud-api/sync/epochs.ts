import { and, eq, isNull, max } from 'drizzle-orm';
import type { Tx } from '../database/database.js';
import { hub } from '../device/tables.js';
import { hubEpoch } from './tables.js';

/** Where an epoch of a hub stands: its place in the order in which they were first seen, and whether it is still open. */
export type EpochPlace = { ord: number; open: boolean };

/** Finds an epoch of a hub. The first request of a new one closes all before it. Source: sync protocol, section 3 rule 5. */
export async function enterEpoch(
  tx: Tx,
  { hubId, epoch, now }: { hubId: string; epoch: string; now: Date },
): Promise<EpochPlace> {
  const [known] = await tx
    .select()
    .from(hubEpoch)
    .where(and(eq(hubEpoch.hubId, hubId), eq(hubEpoch.epoch, epoch)));
  if (known !== undefined) return { ord: known.ord, open: known.closedAt === null };
  const [last] = await tx
    .select({ ord: max(hubEpoch.ord) })
    .from(hubEpoch)
    .where(eq(hubEpoch.hubId, hubId));
  const ord = (last?.ord ?? 0) + 1;
  await tx
    .update(hubEpoch)
    .set({ closedAt: now })
    .where(and(eq(hubEpoch.hubId, hubId), isNull(hubEpoch.closedAt)));
  await tx.insert(hubEpoch).values({ hubId, epoch, ord, openedAt: now });
  // A hub with a new store counts the revisions of its state from one again.
  await tx.update(hub).set({ stateRev: 0 }).where(eq(hub.id, hubId));
  return { ord, open: true };
}
