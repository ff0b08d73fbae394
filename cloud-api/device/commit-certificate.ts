import { and, eq, isNull } from 'drizzle-orm';
import type { HubCaller } from '../auth/principal.js';
import type { CloudContext } from '../context.js';
import { asSystem } from '../database/database.js';
import { CloudError } from '../errors.js';
import { revokeCertificates } from './certificate-life.js';
import { certificate, hardware, hub } from './tables.js';

type CommitContext = Pick<CloudContext, 'db' | 'clock' | 'log' | 'newId' | 'metrics' | 'wakeIotTasks'>;

/**
 * Makes the certificate by which a hub calls its own, and revokes the one that it replaces; the same again answers alike.
 * @throws CloudError `certificate.not-pending`
 */
export async function commitCertificate(
  context: CommitContext,
  { certificateId, thingName, hubId }: Pick<HubCaller, 'certificateId' | 'thingName' | 'hubId'>,
  replaces: string,
): Promise<{ certificateId: string; replaced: string }> {
  const { db, clock, log, metrics } = context;
  const isNew = await asSystem(db, async (tx) => {
    // The hook holds the hardware too while it decides, so that a commit and a new rotation do not cross.
    const owned = tx.select({ hwId: hub.hwId }).from(hub).where(eq(hub.id, hubId));
    await tx.select({ hwId: hardware.hwId }).from(hardware).where(eq(hardware.hwId, owned)).for('update');
    const mine = and(eq(certificate.id, certificateId), isNull(certificate.revokedAt));
    const [own] = await tx.select().from(certificate).where(mine);
    if (own?.replaces !== replaces) throw notPending('This certificate does not replace that one.', certificateId);
    if (own.commitBy === null) return false;
    if (own.commitBy.getTime() <= clock.now()) throw notPending('This certificate waited too long.', certificateId);
    await revokeCertificates(tx, context, eq(certificate.id, replaces), { reason: 'rotated' });
    await tx.update(certificate).set({ commitBy: null }).where(mine);
    return true;
  });
  if (isNew) {
    metrics.count('inklet_certificates_rotated_total');
    log.info({ thingName, certificateId, replaces }, 'a hub works with its next certificate');
  }
  return { certificateId, replaced: replaces };
}

function notPending(message: string, certificateId: string): CloudError {
  return new CloudError('certificate.not-pending', message, { certificateId });
}
