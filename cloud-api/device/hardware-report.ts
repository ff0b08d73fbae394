import { desc, eq } from 'drizzle-orm';
import type { z } from 'zod';
import type { HardwareReportSchema } from '../../contract/index.js';
import type { CloudContext } from '../context.js';
import { asSystem, type Tx } from '../database/database.js';
import { CloudError } from '../errors.js';
import type { CertificateRow } from './certificate-life.js';
import { certificate, hardware, hub, provisioningDecision, reprovisionTicket } from './tables.js';

type HardwareRow = typeof hardware.$inferSelect;

/** What a technician sees: how far hardware has come, and nothing of whose it is. */
export type HardwareReport = z.infer<typeof HardwareReportSchema>;

/** What the operator sees besides. */
export type OperatorsReport = HardwareReport &
  Pick<HardwareRow, 'tagUid' | 'keyId' | 'model' | 'batch' | 'registeredBy' | 'stateReason'> & {
    isBound: boolean;
    ticket: { issuer: string; expiresAt: string; usedAt: string | null; cancelledAt: string | null } | null;
  };

const MOST_DECISIONS = 20;

/**
 * Everything that is known of one piece of hardware.
 * @throws CloudError `hardware_not_found`, and whatever `check` throws
 */
export async function reportOn(
  { db }: Pick<CloudContext, 'db'>,
  hwId: string,
  check: (made: HardwareRow) => void = () => {},
): Promise<OperatorsReport> {
  return asSystem(db, async (tx) => {
    const [made] = await tx.select().from(hardware).where(eq(hardware.hwId, hwId));
    if (made === undefined) throw new CloudError('hardware_not_found', 'No hardware has this id.');
    check(made);
    const { tagUid, keyId, model, batch, registeredBy, stateReason, state } = made;
    const [thing] = await tx.select().from(hub).where(eq(hub.hwId, hwId));
    return {
      ...{ hwId, state, tagUid, keyId, model, batch, registeredBy, stateReason },
      thingName: thing?.thingName ?? null,
      lastSeenAt: thing?.lastSeenAt?.toISOString() ?? null,
      isBound: thing !== undefined && thing.householdId !== null,
      certificates: thing === undefined ? [] : await certificatesOf(tx, thing.id),
      decisions: await decisionsOn(tx, hwId),
      ticket: await lastTicket(tx, hwId),
    };
  });
}

/** Where a certificate stands, in one word. */
function statusOf({ revokedAt, revokedReason, commitBy, deactivatedAt }: CertificateRow): string {
  if (revokedAt === null) return commitBy === null ? 'live' : 'pending';
  return `${revokedReason ?? 'revoked'}${deactivatedAt === null ? '' : ', deactivated'}`;
}

async function certificatesOf(tx: Tx, hubId: string): Promise<HardwareReport['certificates']> {
  const rows = await tx
    .select()
    .from(certificate)
    .where(eq(certificate.hubId, hubId))
    .orderBy(desc(certificate.createdAt));
  return rows.map((row) => ({
    id: row.id,
    status: statusOf(row),
    createdAt: row.createdAt.toISOString(),
    firstUsedAt: row.firstUsedAt?.toISOString() ?? null,
  }));
}

async function decisionsOn(tx: Tx, hwId: string): Promise<HardwareReport['decisions']> {
  const rows = await tx
    .select()
    .from(provisioningDecision)
    .where(eq(provisioningDecision.hwId, hwId))
    .orderBy(desc(provisioningDecision.at), desc(provisioningDecision.id))
    .limit(MOST_DECISIONS);
  return rows.map(({ at, allowed, reason }) => ({ at: at.toISOString(), allowed, reason }));
}

async function lastTicket(tx: Tx, hwId: string): Promise<OperatorsReport['ticket']> {
  const [row] = await tx
    .select()
    .from(reprovisionTicket)
    .where(eq(reprovisionTicket.hwId, hwId))
    .orderBy(desc(reprovisionTicket.createdAt), desc(reprovisionTicket.id))
    .limit(1);
  if (row === undefined) return null;
  const { issuer, expiresAt, usedAt, cancelledAt } = row;
  return {
    issuer,
    expiresAt: expiresAt.toISOString(),
    usedAt: usedAt?.toISOString() ?? null,
    cancelledAt: cancelledAt?.toISOString() ?? null,
  };
}
