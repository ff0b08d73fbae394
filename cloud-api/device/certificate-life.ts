import { and, eq, inArray, isNotNull, isNull, lte, ne, type SQL, sql } from 'drizzle-orm';
import type { Tx } from '../database/database.js';
import { type RetireContext, retireAtIot } from '../iot-control/retire-at-iot.js';
import { certificate } from './tables.js';

export type CertificateRow = typeof certificate.$inferSelect;
type RevokedReason = NonNullable<CertificateRow['revokedReason']>;

/** Good, and no longer waiting to be committed: a thing has one of these at most. */
export function isLive(thingName: string): SQL | undefined {
  return and(eq(certificate.thingName, thingName), isNull(certificate.revokedAt), isNull(certificate.commitBy));
}

/** The first sign of life under a certificate, of each of these things whose certificate gave none so far. */
export async function noteUsed(tx: Tx, thingNames: readonly string[], firstUsedAt: Date): Promise<void> {
  const isUnused = and(isNull(certificate.revokedAt), isNull(certificate.commitBy), isNull(certificate.firstUsedAt));
  await tx
    .update(certificate)
    .set({ firstUsedAt })
    .where(and(inArray(certificate.thingName, [...thingNames]), isUnused));
}

/** Registered by a rotation that its hub has not committed yet: a thing has one of these at most. */
export function isPending(thingName: string): SQL | undefined {
  return and(eq(certificate.thingName, thingName), isNull(certificate.revokedAt), isNotNull(certificate.commitBy));
}

/** The certificate with which a thing is at work. */
export async function liveCertificate(tx: Tx, thingName: string): Promise<CertificateRow | undefined> {
  const [row] = await tx.select().from(certificate).where(isLive(thingName));
  return row;
}

/**
 * Whether a key belongs, or belonged, to another thing: then a card was cloned, and this is the thing that it was.
 * A key that comes back under the same thing is a device that asks again.
 */
export async function twinOf(tx: Tx, publicKeySha256: string, thingName: string): Promise<string | undefined> {
  // Cloned cards are powered on together: of those with one key, each waits for what the one before it writes.
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${publicKeySha256}, 0))`);
  const [twin] = await tx
    .select({ thingName: certificate.thingName })
    .from(certificate)
    .where(and(eq(certificate.publicKeySha256, publicKeySha256), ne(certificate.thingName, thingName)))
    .limit(1);
  return twin?.thingName;
}

/**
 * Revokes what is not yet revoked among these certificates, and has AWS IoT deactivate them. `isUnderWay`: AWS IoT may
 * still be about to activate what we let through a moment ago, so that it is told twice.
 */
export async function revokeCertificates(
  tx: Tx,
  context: RetireContext,
  which: SQL | undefined,
  { reason, isUnderWay = false }: { reason: RevokedReason; isUnderWay?: boolean },
): Promise<string[]> {
  const revoked = await tx
    .update(certificate)
    .set({ revokedAt: new Date(context.clock.now()), revokedReason: reason })
    .where(and(which, isNull(certificate.revokedAt)))
    .returning({ certificateId: certificate.id, thingName: certificate.thingName });
  await retireAtIot(tx, context, revoked, { isUnderWay });
  return revoked.map(({ certificateId }) => certificateId);
}

/** Revokes what a hub gave up in a rotation that failed, as long as it is pending; its old certificate stays good. */
export async function revokeGivenUp(
  tx: Tx,
  context: RetireContext,
  { hubId, certificateId }: { hubId: string; certificateId: string },
): Promise<void> {
  const givenUp = and(
    eq(certificate.id, certificateId),
    eq(certificate.hubId, hubId),
    isNotNull(certificate.replaces),
    isNotNull(certificate.commitBy),
  );
  await revokeCertificates(tx, context, givenUp, { reason: 'never-committed', isUnderWay: true });
}

/** Revokes what was registered by a rotation and never committed in time; the old certificates stay good. */
export async function expirePending(tx: Tx, context: RetireContext): Promise<string[]> {
  const late = and(isNotNull(certificate.commitBy), lte(certificate.commitBy, new Date(context.clock.now())));
  return revokeCertificates(tx, context, late, { reason: 'never-committed' });
}
