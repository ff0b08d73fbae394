import { and, desc, eq, isNull, sql } from 'drizzle-orm';
import type { Tx } from '../database/database.js';
import { hub } from '../device/tables.js';
import { CloudError } from '../errors.js';
import { claim, hubTransfer } from './tables.js';

export type HubRow = typeof hub.$inferSelect;
export type ClaimRow = typeof claim.$inferSelect;
export type TransferRow = typeof hubTransfer.$inferSelect;

/** Neither used, nor replaced, nor over. */
export function isLive(nowMs: number): ReturnType<typeof and> {
  return and(
    isNull(claim.deadAt),
    isNull(claim.confirmedAt),
    sql`${claim.expiresAt} > ${new Date(nowMs).toISOString()}`,
  );
}

/** The claim of a hub that may be confirmed now; there is one at a time. */
export async function liveClaimOf(tx: Tx, hubId: string, nowMs: number): Promise<ClaimRow | undefined> {
  const [row] = await tx
    .select()
    .from(claim)
    .where(and(eq(claim.hubId, hubId), isLive(nowMs)))
    .orderBy(desc(claim.createdAt))
    .limit(1);
  return row;
}

/** The offer by which a hub may leave its household now. */
export async function liveTransferOf(tx: Tx, hubId: string, nowMs: number): Promise<TransferRow | undefined> {
  const [row] = await tx
    .select()
    .from(hubTransfer)
    .where(
      and(
        eq(hubTransfer.hubId, hubId),
        isNull(hubTransfer.cancelledAt),
        isNull(hubTransfer.acceptedAt),
        sql`${hubTransfer.expiresAt} > ${new Date(nowMs).toISOString()}`,
      ),
    )
    .orderBy(desc(hubTransfer.offeredAt))
    .limit(1);
  return row;
}

/** Locks a hub's row, so that its claims, its offer and its household change one after the other. */
export async function lockHub(tx: Tx, hubId: string): Promise<HubRow | undefined> {
  const [row] = await tx.select().from(hub).where(eq(hub.id, hubId)).for('update');
  return row;
}

/** Whether a hub may be claimed now, and by which offer; a bound one that nobody offers may not. */
export async function openness(
  tx: Tx,
  owner: HubRow,
  nowMs: number,
): Promise<{ transfer: TransferRow | undefined } | undefined> {
  if (owner.householdId === null) return { transfer: undefined };
  const transfer = await liveTransferOf(tx, owner.id, nowMs);
  return transfer?.fromHouseholdId === owner.householdId ? { transfer } : undefined;
}

/** The same for a code that nobody shows, one that is over, and a hub that is somebody's: nothing is told of any. */
export function noClaim(): CloudError {
  return new CloudError('claim.not-found', 'No hub shows this code now.');
}
