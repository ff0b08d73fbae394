import { ok } from 'node:assert';
import { and, eq, isNotNull } from 'drizzle-orm';
import { z } from 'zod';
import { HwIdSchema, thingNameFor, verifyHwId } from '../../provisioning/hw-id/index.js';
import type { CloudContext } from '../context.js';
import type { Tx } from '../database/database.js';
import { type CertificateKey, keyOfCertificate } from './certificate-key.js';
import { isLive, isPending, liveCertificate, revokeCertificates, twinOf } from './certificate-life.js';
import { leaveOf } from './claim-certificates.js';
import type { HookInput, HookRefusal, Verdict } from './hook-input.js';
import { isTooOften, refuseUnproven } from './hook-limits.js';
import type { Release } from './release-hub.js';
import { openTicket, useTicket } from './reprovision-tickets.js';
import { certificate, hardware, hub } from './tables.js';

type ClaimContext = Pick<CloudContext, 'clock' | 'log' | 'newId' | 'wakeIotTasks' | 'settings'> & Release;

const ParametersSchema = z.object({ hwId: HwIdSchema, payload: z.string(), hwSig: z.string(), tagUid: z.string() });

/** Decides whether hardware may have a certificate by a claim certificate and the proof on its tag. */
export async function judgeClaim(tx: Tx, context: ClaimContext, input: HookInput): Promise<Verdict> {
  const { claimCertificateId } = input;
  const parameters = ParametersSchema.safeParse(input.parameters);
  if (!parameters.success) return refuseUnproven(tx, context, { claimCertificateId, reason: 'malformed' });
  const { hwId, tagUid } = parameters.data;
  const proof = verifyHwId(parameters.data, context.settings.signerKeys);
  if (!proof.ok) return refuseUnproven(tx, context, { claimCertificateId, reason: proof.reason });
  const refuse = (reason: HookRefusal): Verdict => ({ ok: false, reason, hwId: proof.hwId });
  if (await isTooOften(tx, context, { kind: 'claim', hwId: proof.hwId, claimCertificateId }))
    return refuse('rate-limited');
  if (proof.hwId !== hwId) return refuse('hw-id-mismatch');

  const [made] = await tx.select().from(hardware).where(eq(hardware.hwId, hwId)).for('update');
  if (made === undefined) return refuse('unknown-hardware');
  if (made.tagUid !== tagUid) return refuse('tag-mismatch');
  if (made.keyId !== proof.keyId || made.batch !== proof.batch || made.model !== proof.model)
    return refuse('batch-mismatch');
  if (made.state === 'RETIRED' || made.state === 'BLOCKED')
    return refuse(made.state === 'RETIRED' ? 'retired' : 'blocked');
  const leave = await mayClaim(tx, context, { batch: made.batch, ...input });
  if (leave !== undefined) return refuse(leave);
  const key = keyOfCertificate(input.certificatePem);
  if (key === undefined) return refuse('key-type');
  const thingName = thingNameFor(hwId);
  const twin = await twinOf(tx, key.publicKeySha256, thingName);
  if (twin !== undefined) return { ok: false, reason: 'duplicate-key', hwId, twinThingName: twin };
  return admit(tx, context, { input, hwId, thingName, key });
}

/** Why the certificate that asks may not be used for a batch; undefined if it may. */
async function mayClaim(
  tx: Tx,
  { log }: Pick<CloudContext, 'log'>,
  { batch, claimCertificateId }: { batch: number; claimCertificateId: string },
): Promise<HookRefusal | undefined> {
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
 * Lets a device in unless it has been at work and no ticket is there for it: one that lost our answer asks again, with
 * the same certificate or a fresh one, and gets what it got.
 */
async function admit(tx: Tx, context: ClaimContext, { input, hwId, thingName, key }: Admission): Promise<Verdict> {
  const { certificateId, claimCertificateId } = input;
  const now = new Date(context.clock.now());
  const [known] = await tx.select().from(certificate).where(eq(certificate.id, certificateId));
  if (known !== undefined && known.revokedAt === null) return { ok: true, hwId };
  if (known !== undefined) return { ok: false, reason: 'certificate-revoked', hwId };
  const own = await hubOf(tx, { id: context.newId(), thingName, hwId, createdAt: now });
  const used = (await isAtWork(tx, thingName))
    ? await spendTicket(tx, context, { own, certificateId, now })
    : undefined;
  if (used?.ok === false) return { ...used, hwId };

  const reason = used === undefined ? 'replaced' : 'reprovisioned';
  for (const which of [isLive(thingName), isPending(thingName)]) {
    await revokeCertificates(tx, context, which, { reason, isUnderWay: true });
  }
  const values = { id: certificateId, hubId: own.id, thingName, ...key, claimCertificateId, createdAt: now };
  await tx.insert(certificate).values(values);
  await tx.update(hardware).set({ state: 'PROVISIONED', updatedAt: now }).where(eq(hardware.hwId, hwId));
  return { ok: true, hwId, ...(used !== undefined && { ticketId: used.ticketId }) };
}

type Spent = { ok: true; ticketId: string } | { ok: false; reason: HookRefusal };

/** Uses the ticket of this hardware. Its owner's keeps the hub in the household; anybody else's takes it out of there. */
async function spendTicket(
  tx: Tx,
  { release }: Release,
  { own, certificateId, now }: { own: typeof hub.$inferSelect; certificateId: string; now: Date },
): Promise<Spent> {
  const ticket = await openTicket(tx, own.hwId);
  // Of an owner who has let the hub go since, or of one before him.
  const isOfAnother = ticket?.issuer === 'owner' && ticket.householdId !== own.householdId;
  if (ticket === undefined || isOfAnother) return { ok: false, reason: 'already-provisioned' };
  if (ticket.expiresAt.getTime() <= now.getTime()) return { ok: false, reason: 'ticket-expired' };
  await useTicket(tx, ticket, certificateId, now);
  if (ticket.issuer !== 'owner' && own.householdId !== null) {
    await release(tx, { hubId: own.id, householdId: own.householdId });
  }
  return { ok: true, ticketId: ticket.id };
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

async function hubOf(tx: Tx, made: typeof hub.$inferInsert): Promise<typeof hub.$inferSelect> {
  await tx.insert(hub).values(made).onConflictDoNothing();
  const [row] = await tx.select().from(hub).where(eq(hub.thingName, made.thingName)).for('update');
  ok(row !== undefined);
  return row;
}
