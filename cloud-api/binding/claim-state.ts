import { and, desc, eq, isNotNull, isNull, sql } from 'drizzle-orm';
import type { Tx } from '../database/database.js';
import { hub } from '../device/tables.js';
import { CloudError } from '../errors.js';
import { claim, hubTransfer, localBinding } from './tables.js';

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

/** How many codes are good now, of all hubs. */
export async function countLiveCodes(tx: Tx, nowMs: number): Promise<number> {
  const [row] = await tx
    .select({ live: sql<string>`count(*)` })
    .from(claim)
    .where(and(isNotNull(claim.codeHmac), isLive(nowMs)));
  return Number(row?.live ?? 0);
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

/**
 * Whether a hub may be claimed now, and by which offer. A bound one that nobody offers may not, nor one that is somebody's at
 * home: that household's receipt alone takes it into an account.
 */
export async function openness(
  tx: Tx,
  owner: HubRow,
  nowMs: number,
): Promise<{ transfer: TransferRow | undefined } | undefined> {
  if (owner.householdId === null) return (await isHeldAtHome(tx, owner.id)) ? undefined : { transfer: undefined };
  const transfer = await liveTransferOf(tx, owner.id, nowMs);
  return transfer?.fromHouseholdId === owner.householdId ? { transfer } : undefined;
}

/** A binding made at the hub that neither an account nor anything later has ended. */
export function isOpenAtHome(hubId: string): ReturnType<typeof and> {
  return and(eq(localBinding.hubId, hubId), isNull(localBinding.adoptedAt), isNull(localBinding.endedAt));
}

async function isHeldAtHome(tx: Tx, hubId: string): Promise<boolean> {
  const rows = await tx.select({ id: localBinding.id }).from(localBinding).where(isOpenAtHome(hubId)).limit(1);
  return rows.length > 0;
}

/** The same for a code that nobody shows, one that is over, and a hub that is somebody's: nothing is told of any. */
export function noClaim(): CloudError {
  return new CloudError('claim.not-found', 'No hub shows this code now.');
}
