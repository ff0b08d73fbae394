import { and, eq, isNull, or } from 'drizzle-orm';
import { z } from 'zod';
import { HwIdSchema, thingNameFor } from '../../provisioning/hw-id/index.js';
import type { CloudContext } from '../context.js';
import type { Tx } from '../database/database.js';
import { type CertificateKey, keyOfCertificate } from './certificate-key.js';
import { type CertificateRow, isPending, liveCertificate, revokeCertificates, twinOf } from './certificate-life.js';
import type { HookInput, HookRefusal, Verdict } from './hook-input.js';
import { isTooOften, refuseUnproven } from './hook-limits.js';
import { certificate, hardware } from './tables.js';

type RotationContext = Pick<CloudContext, 'clock' | 'newId' | 'wakeIotTasks' | 'settings'>;

/** How long a new certificate may wait for its hub's commit before the old one stays for good. */
export const COMMIT_WITHIN_MS = 24 * 60 * 60 * 1000;

const ParametersSchema = z.object({ hwId: HwIdSchema });

/**
 * Decides whether a connected hub may have its next certificate beside the one that it is connected by. That one, and
 * no tag, is the proof: it must be the live certificate of the thing that is named.
 */
export async function judgeRotation(tx: Tx, context: RotationContext, input: HookInput): Promise<Verdict> {
  const parameters = ParametersSchema.safeParse(input.parameters);
  const { claimCertificateId } = input;
  if (!parameters.success) return refuseUnproven(tx, context, { claimCertificateId, reason: 'malformed' });
  const { hwId } = parameters.data;
  const thingName = thingNameFor(hwId);
  const [made] = await tx.select().from(hardware).where(eq(hardware.hwId, hwId)).for('update');
  // Unknown hardware has none, and neither has what is blocked.
  const live = await liveCertificate(tx, thingName);
  const refuse = (reason: HookRefusal): Verdict => ({ ok: false, reason, hwId });
  if (live?.id !== input.claimCertificateId) return refuse('certificate-not-live');
  if (made?.state === 'RETIRED') return refuse('retired');
  if (input.clientId !== thingName) return refuse('client-id-mismatch');
  if (await isTooOften(tx, context, { kind: 'rotation', hwId, claimCertificateId })) return refuse('rate-limited');

  const key = keyOfCertificate(input.certificatePem);
  if (key === undefined) return refuse('key-type');
  const twin = await twinOf(tx, key.publicKeySha256, thingName);
  if (twin !== undefined) return { ok: false, reason: 'duplicate-key', hwId, twinThingName: twin };
  if (await wasAtWork(tx, thingName, key)) return refuse('key-reused');
  const kept = await addPending(tx, context, { input, live, key });
  return kept ? { ok: true, hwId } : refuse('certificate-revoked');
}

/** Whether the thing has worked with this key before; a pending certificate's key may come again after a lost answer. */
async function wasAtWork(tx: Tx, thingName: string, { publicKeySha256 }: CertificateKey): Promise<boolean> {
  const [used] = await tx
    .select({ id: certificate.id })
    .from(certificate)
    .where(
      and(
        eq(certificate.thingName, thingName),
        eq(certificate.publicKeySha256, publicKeySha256),
        or(isNull(certificate.commitBy), isNull(certificate.replaces)),
      ),
    )
    .limit(1);
  return used !== undefined;
}

type Rotation = { input: HookInput; live: CertificateRow; key: CertificateKey };

/** Writes the certificate as the one pending of its thing; false for one that was pending and is revoked by now. */
async function addPending(tx: Tx, context: RotationContext, { input, live, key }: Rotation): Promise<boolean> {
  const { certificateId } = input;
  const now = context.clock.now();
  const { hubId, thingName, claimCertificateId } = live;
  const [known] = await tx.select().from(certificate).where(eq(certificate.id, certificateId));
  if (known !== undefined) return known.revokedAt === null && known.replaces === live.id;
  // A hub that lost the answer comes with a fresh one: the earlier will never be committed.
  await revokeCertificates(tx, context, isPending(thingName), { reason: 'replaced', isUnderWay: true });
  await tx.insert(certificate).values({
    ...{ id: certificateId, hubId, thingName, ...key, claimCertificateId, replaces: live.id },
    ...{ createdAt: new Date(now), commitBy: new Date(now + COMMIT_WITHIN_MS) },
  });
  return true;
}
