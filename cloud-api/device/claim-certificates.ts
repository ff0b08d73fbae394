import { eq, or } from 'drizzle-orm';
import type { CloudContext } from '../context.js';
import { asSystem, type Tx } from '../database/database.js';
import { batchClaimCertificate } from './tables.js';

/** Names the claim certificates that the hardware of a batch may use, in place of those named before. */
export async function setClaimCertificates(
  { db, clock }: Pick<CloudContext, 'db' | 'clock'>,
  batch: number,
  claimCertificateIds: readonly string[],
): Promise<string[]> {
  const ids = [...new Set(claimCertificateIds)];
  await asSystem(db, async (tx) => {
    await tx.delete(batchClaimCertificate).where(eq(batchClaimCertificate.batch, batch));
    const createdAt = new Date(clock.now());
    const rows = ids.map((claimCertificateId) => ({ batch, claimCertificateId, createdAt }));
    if (rows.length > 0) await tx.insert(batchClaimCertificate).values(rows);
  });
  return ids;
}

/**
 * Whether a claim certificate may be used for a batch. A certificate that is named for any batch works for those alone,
 * and a batch that names certificates takes those alone; unnamed on both sides is `unregistered`.
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
  const isNamed = rows.some((row) => row.batch === batch && row.claimCertificateId === claimCertificateId);
  return isNamed ? 'allowed' : 'refused';
}
