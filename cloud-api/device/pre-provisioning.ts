import { createHash, type KeyObject, X509Certificate } from 'node:crypto';
import { and, count, eq, gt, isNotNull, isNull, ne } from 'drizzle-orm';
import { z } from 'zod';
import { HwIdSchema, thingNameFor, verifyHwId } from '../../provisioning/hw-id/index.js';
import type { CloudContext } from '../context.js';
import { asSystem, type Tx } from '../database/database.js';
import { leaveOf } from './claim-certificates.js';
import { certificate, hardware, hub, provisioningDecision } from './tables.js';

/** What AWS IoT hands to the hook. Source: AWS IoT developer guide, pre-provisioning hooks, payload 2020-04-01. */
export const HookInputSchema = z.object({
  claimCertificateId: z.string().min(1).max(128),
  certificateId: z.string().regex(/^[0-9a-f]{64}$/),
  certificatePem: z.string().max(16_384),
  templateArn: z.string().max(2048).optional(),
  clientId: z.string().max(128),
  parameters: z.record(z.string(), z.string().max(2048)),
});

export type HookInput = z.infer<typeof HookInputSchema>;

export type HookAnswer =
  | { allowProvisioning: true; parameterOverrides: { ThingName: string } }
  | { allowProvisioning: false; reason: string };

const HOUR_MS = 60 * 60 * 1000;
const HARDWARE_TRIES_PER_HOUR = 10;
/** A claim certificate is shared by a batch, so that its limit is that of a production line. */
const CLAIM_CERTIFICATE_TRIES_PER_HOUR = 200;

const ParametersSchema = z.object({ hwId: HwIdSchema, payload: z.string(), hwSig: z.string(), tagUid: z.string() });

type HookContext = Pick<CloudContext, 'db' | 'clock' | 'log' | 'newId' | 'settings'>;
type Verdict = { ok: true; hwId: string } | { ok: false; reason: string; hwId: string | null };

/**
 * Decides whether a device may have its certificate, from local facts only: AWS waits five seconds.
 * What it decides, and why, is kept. Asked again after a lost answer it decides alike.
 */
export async function decideProvisioning(context: HookContext, input: HookInput): Promise<HookAnswer> {
  const { certificateId, claimCertificateId, clientId } = input;
  const verdict = await asSystem(context.db, async (tx) => {
    const found = await judge(tx, context, input);
    const reason = found.ok ? null : found.reason;
    await tx.insert(provisioningDecision).values({
      id: context.newId(),
      at: new Date(context.clock.now()),
      allowed: found.ok,
      reason,
      hwId: found.hwId,
      certificateId,
      claimCertificateId,
      clientId,
    });
    return found;
  });
  const facts = { hwId: verdict.hwId, certificateId, claimCertificateId, clientId };
  if (verdict.ok) {
    context.log.info(facts, 'provisioning allowed');
    return { allowProvisioning: true, parameterOverrides: { ThingName: thingNameFor(verdict.hwId) } };
  }
  context.log.warn({ ...facts, reason: verdict.reason }, 'provisioning refused');
  return { allowProvisioning: false, reason: verdict.reason };
}

async function judge(tx: Tx, context: HookContext, input: HookInput): Promise<Verdict> {
  const nowMs = context.clock.now();
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
  const { claimCertificateId } = input;
  const leave = await leaveOf(tx, { batch: made.batch, claimCertificateId });
  if (leave === 'refused') return refuse('claim-certificate-mismatch');
  if (leave === 'unregistered')
    context.log.warn({ claimCertificateId }, 'this claim certificate is named for no batch');
  if (await isTooOften(tx, { hwId, claimCertificateId, nowMs })) return refuse('rate-limited');

  const key = publicKeyOf(input.certificatePem);
  if (key === undefined) return refuse('key-type');
  const publicKeyPem = key.export({ type: 'spki', format: 'pem' }).toString();
  const publicKeySha256 = createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
  const thingName = thingNameFor(hwId);
  const [twin] = await tx
    .select({ id: certificate.id })
    .from(certificate)
    .where(and(eq(certificate.publicKeySha256, publicKeySha256), ne(certificate.thingName, thingName)));
  // One key in two devices means a cloned card.
  if (twin !== undefined) return refuse('duplicate-key');
  if (made.state === 'PROVISIONED' && (await wasUsed(tx, thingName))) return refuse('already-provisioned');

  await admit(tx, {
    ...input,
    hwId,
    thingName,
    publicKeyPem,
    publicKeySha256,
    now: new Date(nowMs),
    hubId: context.newId(),
  });
  return { ok: true, hwId };
}

function publicKeyOf(pem: string): KeyObject | undefined {
  try {
    const { publicKey } = new X509Certificate(pem);
    const isP256 = publicKey.asymmetricKeyType === 'ec' && publicKey.asymmetricKeyDetails?.namedCurve === 'prime256v1';
    return isP256 ? publicKey : undefined;
  } catch {
    return undefined;
  }
}

async function isTooOften(
  tx: Tx,
  { hwId, claimCertificateId, nowMs }: { hwId: string; claimCertificateId: string; nowMs: number },
): Promise<boolean> {
  const recent = gt(provisioningDecision.at, new Date(nowMs - HOUR_MS));
  const tries = async (same: ReturnType<typeof eq>) => {
    const [row] = await tx.select({ tries: count() }).from(provisioningDecision).where(and(same, recent));
    return row?.tries ?? 0;
  };
  return (
    (await tries(eq(provisioningDecision.hwId, hwId))) >= HARDWARE_TRIES_PER_HOUR ||
    (await tries(eq(provisioningDecision.claimCertificateId, claimCertificateId))) >= CLAIM_CERTIFICATE_TRIES_PER_HOUR
  );
}

/** A device that lost our answer asks again; one whose certificate has been at work needs a person's consent first. */
async function wasUsed(tx: Tx, thingName: string): Promise<boolean> {
  const [used] = await tx
    .select({ id: certificate.id })
    .from(certificate)
    .where(and(eq(certificate.thingName, thingName), isNotNull(certificate.firstUsedAt)));
  return used !== undefined;
}

type Admission = {
  hubId: string;
  hwId: string;
  thingName: string;
  certificateId: string;
  claimCertificateId: string;
  publicKeyPem: string;
  publicKeySha256: string;
  now: Date;
};

async function admit(tx: Tx, { hubId, hwId, thingName, now, ...admission }: Admission): Promise<void> {
  await tx.insert(hub).values({ id: hubId, thingName, hwId, createdAt: now }).onConflictDoNothing();
  const [row] = await tx.select({ id: hub.id }).from(hub).where(eq(hub.thingName, thingName));
  await tx
    .update(certificate)
    .set({ revokedAt: now })
    .where(
      and(
        eq(certificate.thingName, thingName),
        ne(certificate.id, admission.certificateId),
        isNull(certificate.revokedAt),
      ),
    );
  await tx
    .insert(certificate)
    .values({
      id: admission.certificateId,
      hubId: row?.id ?? hubId,
      thingName,
      publicKeyPem: admission.publicKeyPem,
      publicKeySha256: admission.publicKeySha256,
      claimCertificateId: admission.claimCertificateId,
      createdAt: now,
    })
    .onConflictDoNothing();
  await tx.update(hardware).set({ state: 'PROVISIONED', updatedAt: now }).where(eq(hardware.hwId, hwId));
}
