import { and, eq, isNull, notInArray, or } from 'drizzle-orm';
import type { CloudContext } from '../context.js';
import { asSystem, type Tx } from '../database/database.js';
import { batchClaimCertificate } from './tables.js';

/** Names the claim certificates that the hardware of a batch may use, in place of those named before; none: it may use none. */
export async function setClaimCertificates(
  { db, clock }: Pick<CloudContext, 'db' | 'clock'>,
  batch: number,
  claimCertificateIds: readonly string[],
): Promise<string[]> {
  const ids = [...new Set(claimCertificateIds)];
  const now = new Date(clock.now());
  const { batch: ofBatch, claimCertificateId, removedAt } = batchClaimCertificate;
  await asSystem(db, async (tx) => {
    await tx
      .update(batchClaimCertificate)
      .set({ removedAt: now })
      .where(and(eq(ofBatch, batch), isNull(removedAt), notInArray(claimCertificateId, ids)));
    const rows = ids.map((id) => ({ batch, claimCertificateId: id, createdAt: now }));
    if (rows.length === 0) return;
    const again = { target: [ofBatch, claimCertificateId], set: { removedAt: null } };
    await tx.insert(batchClaimCertificate).values(rows).onConflictDoUpdate(again);
  });
  return ids;
}

/**
 * Whether a claim certificate may be used for a batch. A certificate that is, or was, named for any batch works where it
 * is named now, and a batch that names, or named, certificates takes those of now; `unregistered` was never named, on
 * both sides.
 */
export async function leaveOf(
  tx: Tx,
  { batch, claimCertificateId }: { batch: number; claimCertificateId: string },
): Promise<'allowed' | 'refused' | 'unregistered'> {
  const rows = await tx
    .select()
    .from(batchClaimCertificate)
    .where(
      or(eq(batchClaimCertificate.batch, batch), eq(batchClaimCertificate.claimCertificateId, claimCertificateId)),
    );
  if (rows.length === 0) return 'unregistered';
  const isNamed = rows.some(
    (row) => row.batch === batch && row.claimCertificateId === claimCertificateId && row.removedAt === null,
  );
  return isNamed ? 'allowed' : 'refused';
}
