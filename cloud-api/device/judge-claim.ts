import { and, eq, isNotNull } from 'drizzle-orm';
import { z } from 'zod';
import { HwIdSchema, thingNameFor, verifyHwId } from '../../provisioning/hw-id/index.js';
import type { CloudContext } from '../context.js';
import type { Tx } from '../database/database.js';
import { type CertificateKey, keyOfCertificate } from './certificate-key.js';
import { isLive, isPending, liveCertificate, revokeCertificates, twinOf } from './certificate-life.js';
import { leaveOf } from './claim-certificates.js';
import { DUPLICATE_KEY, type HookInput, type Verdict } from './hook-input.js';
import { isTooOften, RATE_LIMITED } from './hook-limits.js';
import { certificate, hardware, hub } from './tables.js';

type ClaimContext = Pick<CloudContext, 'clock' | 'log' | 'newId' | 'settings'>;

const ParametersSchema = z.object({ hwId: HwIdSchema, payload: z.string(), hwSig: z.string(), tagUid: z.string() });

/** Decides whether hardware may have a certificate by a claim certificate and the proof on its tag. */
export async function judgeClaim(tx: Tx, context: ClaimContext, input: HookInput): Promise<Verdict> {
  const parameters = ParametersSchema.safeParse(input.parameters);
  if (!parameters.success) return { ok: false, reason: 'malformed', hwId: null };
  const { hwId, tagUid } = parameters.data;
  const proof = verifyHwId(parameters.data, context.settings.signerKeys);
  if (!proof.ok) return { ok: false, reason: proof.reason, hwId: null };
  const refuse = (reason: string): Verdict => ({ ok: false, reason, hwId: proof.hwId });
  if (proof.hwId !== hwId) return refuse('hw-id-mismatch');

  const [made] = await tx.select().from(hardware).where(eq(hardware.hwId, hwId)).for('update');
  if (made === undefined) return refuse('unknown-hardware');
  if (made.tagUid !== tagUid) return refuse('tag-mismatch');
  if (made.keyId !== proof.keyId || made.batch !== proof.batch || made.model !== proof.model)
    return refuse('batch-mismatch');
  if (made.state === 'RETIRED' || made.state === 'BLOCKED') return refuse(made.state.toLowerCase());
  const leave = await mayClaim(tx, context, { batch: made.batch, ...input });
  if (leave !== undefined) return refuse(leave);
  const { claimCertificateId } = input;
  if (await isTooOften(tx, context, { kind: 'claim', hwId, claimCertificateId })) return refuse(RATE_LIMITED);

  const key = keyOfCertificate(input.certificatePem);
  if (key === undefined) return refuse('key-type');
  const thingName = thingNameFor(hwId);
  const twin = await twinOf(tx, key.publicKeySha256, thingName);
  if (twin !== undefined) return { ok: false, reason: DUPLICATE_KEY, hwId, twinThingName: twin };
  return admit(tx, context, { input, hwId, thingName, key });
}

/** Why the certificate that asks may not be used for a batch; undefined if it may. */
async function mayClaim(
  tx: Tx,
  { log }: Pick<CloudContext, 'log'>,
  { batch, claimCertificateId }: { batch: number; claimCertificateId: string },
): Promise<string | undefined> {
  const [device] = await tx
    .select({ id: certificate.id })
    .from(certificate)
    .where(eq(certificate.id, claimCertificateId));
  if (device !== undefined) return 'not-a-claim-certificate';
  const leave = await leaveOf(tx, { batch, claimCertificateId });
  if (leave === 'refused') return 'claim-certificate-mismatch';
  if (leave === 'unregistered') log.warn({ claimCertificateId }, 'this claim certificate is named for no batch');
  return undefined;
}

type Admission = { input: HookInput; hwId: string; thingName: string; key: CertificateKey };

/**
 * Lets a device in unless it has been at work: one that lost our answer asks again, with the same certificate or a fresh
 * one, and gets what it got.
 */
async function admit(tx: Tx, context: ClaimContext, { input, hwId, thingName, key }: Admission): Promise<Verdict> {
  const { certificateId, claimCertificateId } = input;
  const now = new Date(context.clock.now());
  const [known] = await tx.select().from(certificate).where(eq(certificate.id, certificateId));
  if (known !== undefined && known.revokedAt === null) return { ok: true, hwId };
  if (known !== undefined) return { ok: false, reason: 'certificate-revoked', hwId };
  if (await isAtWork(tx, thingName)) return { ok: false, reason: 'already-provisioned', hwId };

  const hubId = await hubOf(tx, { id: context.newId(), thingName, hwId, createdAt: now });
  for (const which of [isLive(thingName), isPending(thingName)]) {
    await revokeCertificates(tx, context, which, { reason: 'replaced', isUnderWay: true });
  }
  await tx
    .insert(certificate)
    .values({ id: certificateId, hubId, thingName, ...key, claimCertificateId, createdAt: now });
  await tx.update(hardware).set({ state: 'PROVISIONED', updatedAt: now }).where(eq(hardware.hwId, hwId));
  return { ok: true, hwId };
}

/** Whether a device has worked with the certificate that it has, or, where it has none, with one that it had. */
async function isAtWork(tx: Tx, thingName: string): Promise<boolean> {
  const live = await liveCertificate(tx, thingName);
  if (live !== undefined) return live.firstUsedAt !== null;
  const [used] = await tx
    .select({ id: certificate.id })
    .from(certificate)
    .where(and(eq(certificate.thingName, thingName), isNotNull(certificate.firstUsedAt)))
    .limit(1);
  return used !== undefined;
}

async function hubOf(tx: Tx, made: typeof hub.$inferInsert): Promise<string> {
  await tx.insert(hub).values(made).onConflictDoNothing();
  const [row] = await tx.select({ id: hub.id }).from(hub).where(eq(hub.thingName, made.thingName));
  return row?.id ?? made.id;
}
